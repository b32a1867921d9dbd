import { env } from "@/lib/env";

/** Where sandbox stores and Onecount reach each other: both are this process, whatever stands before it. */
export const sandboxOrigin = (): string => `http://127.0.0.1:${env().port}`;

/** Where stores reach us; null while no public address is set. */
export const addressForStores = (isSandbox: boolean): string | null => (isSandbox ? sandboxOrigin() : env().publicUrl);

export const webhookUrl = (platform: string, channelId: string, isSandbox: boolean): string | null => {
	const address = addressForStores(isSandbox);
	return address && `${address}/api/webhooks/${platform}/${channelId}`;
};

/** How a browser reaches Onecount, by its request's headers; stores send it back there. */
export function browserOrigin(headers: Pick<Headers, "get">): string {
	const { publicUrl, port } = env();
	return publicUrl ?? `http://${headers.get("host") ?? `localhost:${port}`}`;
}
