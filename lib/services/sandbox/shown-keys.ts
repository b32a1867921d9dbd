import { platformFor } from "@/lib/channels/registry";
import { appFields } from "@/lib/channels/shopify";
import type { SandboxKeys } from "@/lib/sandbox/sandbox-platform";

/** What a merchant would copy out of a store's admin, as it is called there. */
export type ShownKey = { name: string; label: string; value: string; isSecret: boolean };

/** Ids and names that stand in some admins beside what is pasted. */
const others: Record<string, { label: string; isSecret: boolean }> = {
	accessToken: { label: "Access token", isSecret: true },
	refreshToken: { label: "Refresh token", isSecret: true },
	shop: { label: "Name on the platform", isSecret: false },
	applicationId: { label: "Application id", isSecret: false },
	queueRegion: { label: "Queue's region", isSecret: false },
};

export async function shownKeys(platform: string, { access, webhookSecret }: SandboxKeys): Promise<ShownKey[]> {
	const { pasteForm } = await platformFor(platform);
	const known = new Map([...appFields, ...pasteForm.fields].map((field) => [field.name, field]));
	const keys = Object.entries(access).map(([name, value]) => {
		// A name that nobody knows is better hidden.
		const { label, isSecret } = known.get(name) ?? others[name] ?? { label: name, isSecret: true };
		return { name, label, value, isSecret };
	});
	const isApart = webhookSecret !== null && !Object.values(access).includes(webhookSecret);
	return isApart
		? [...keys, { name: "webhookSecret", label: "Signs its webhooks", value: webhookSecret, isSecret: true }]
		: keys;
}

/** What else somebody has to know to get into the store's own pages; null: nothing. */
export const entryNote = (platform: string): string | null =>
	platform === "woocommerce" ? "Its WordPress login takes any name and any password." : null;

/** A page of the store on which its owner begins what ends in a connection. */
export type OwnersDoor = {
	label: string;
	/** For a browser on this machine. */
	path: string;
	/** What that page wants to be told, and the path of ours that it is. */
	parameter: string;
	returnPath: string;
};

/** Null: visits begin at Onecount. `frontPath`: the store's own. */
export function ownersDoor(platform: string, storeId: string, frontPath: string): OwnersDoor | null {
	switch (platform) {
		case "bigcommerce":
			return {
				label: "Install the app",
				path: `${frontPath}manage/apps/install`,
				parameter: "redirect_uri",
				returnPath: `/api/oauth/bigcommerce?${new URLSearchParams({ sandbox: storeId })}`,
			};
		case "amazon":
			return {
				label: "From its Appstore",
				path: `${frontPath}apps/store`,
				parameter: "login_uri",
				returnPath: "/api/oauth/amazon/start",
			};
		default:
			return null;
	}
}
