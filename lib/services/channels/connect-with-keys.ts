import type { Check } from "@/lib/channels/channel-adapter";
import { ChannelError, type ChannelErrorReason } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import { type ConnectablePlatform, platformFor } from "@/lib/channels/registry";
import { clientCredentialsGrant, readApp } from "@/lib/channels/shopify";
import { platformLabel } from "@/lib/format/platforms";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { pasteSecret } from "../secrets/paste-secret";
import { addByCart } from "./add-cart";
import { type Connected, type ConnectInput, connectStore } from "./connect-store";
import { mayCallPrivate } from "./open-connection";
import { readAddress, type StoreAddress } from "./read-address";
import { keysInput, orUnacceptable, readForm } from "./read-pasted";

/** Connects a store with what somebody pasted. Throws Unacceptable for what can't be right before anything is asked. */
export async function connectWithKeys(ctx: Context, input: unknown): Promise<Connected> {
	authorise(ctx, "manager");
	const given = keysInput.parse(input);
	const { platform, address: typed, fields } = readForm(given);
	if (given.way === "secret") return pasteSecret(ctx, given.again, fields.clientSecret ?? "");
	const address = await readAddress(platform, typed);
	if (given.way === "client_credentials") return withClientCredentials(ctx, platform, address, fields);
	if (given.way === "cart") return withCart(ctx, platform, address, fields);
	const { pasteForm } = await platformFor(platform);
	const { access, expiresAt, webhookSecret } = orUnacceptable(() => pasteForm.readKeys(fields));
	return connectStore(ctx, { platform, ...address, access, accessExpiresAt: expiresAt, webhookSecret });
}

function withClientCredentials(
	ctx: Context,
	platform: ConnectablePlatform,
	address: StoreAddress,
	fields: Record<string, string>,
): Promise<Connected> {
	if (platform !== "shopify")
		throw new Unacceptable(`${platformLabel(platform)} lets no app in by its id and secret alone.`);
	const app = orUnacceptable(() => readApp(fields));
	return connectOrReport(ctx, { platform, baseUrl: address.baseUrl }, async () => {
		const http = createHttpClient({ allowPrivate: mayCallPrivate(address.isSandbox), secrets: [app.clientSecret] });
		const granted = await clientCredentialsGrant({ http, baseUrl: address.baseUrl, now: () => new Date() }, app);
		return {
			platform,
			...address,
			access: granted.access,
			accessExpiresAt: granted.expiresAt,
			webhookSecret: app.clientSecret,
		};
	});
}

function withCart(
	ctx: Context,
	platform: ConnectablePlatform,
	address: StoreAddress,
	fields: Record<string, string>,
): Promise<Connected> {
	if (platform !== "api2cart")
		throw new Unacceptable(`${platformLabel(platform)} is no account that stores are added to.`);
	return connectOrReport(ctx, { platform, baseUrl: address.baseUrl }, () => addByCart(address, fields));
}

/** What the store answers before there is access is a failed check like any other. */
export async function connectOrReport(
	ctx: Context,
	store: { platform: string; baseUrl: string },
	grant: () => Promise<ConnectInput>,
): Promise<Connected> {
	let input: ConnectInput;
	try {
		input = await grant();
	} catch (error) {
		if (error instanceof ChannelError) return { result: "failed", checks: grantChecks(store, error) };
		throw error;
	}
	return connectStore(ctx, input);
}

/** Nobody has answered as such a store would. */
const unanswered: readonly ChannelErrorReason[] = [
	"unreachable",
	"timeout",
	"not_a_store",
	"forbidden_address",
	"unreadable",
];

function grantChecks({ platform, baseUrl }: { platform: string; baseUrl: string }, error: ChannelError): Check[] {
	if (unanswered.includes(error.reason))
		return [{ name: "address", state: "failed", sentence: error.message, fix: error.fix }];
	const where = baseUrl && ` at ${new URL(baseUrl).host}`;
	return [
		{ name: "address", state: "passed", sentence: `${platformLabel(platform)} answers${where}.`, fix: null },
		{ name: "credentials", state: "failed", sentence: error.message, fix: error.fix },
	];
}
