import type { Check } from "@/lib/channels/channel-adapter";
import { ChannelError, type ChannelErrorReason } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import { platformFor } from "@/lib/channels/registry";
import { clientCredentialsGrant, readApp } from "@/lib/channels/shopify";
import { platformLabel } from "@/lib/format/platforms";
import { authorise, type Context } from "../context";
import { Unacceptable, WrongFields } from "../errors";
import { pasteSecret } from "../secrets/paste-secret";
import { addByCart, readAccount, readChoice } from "./add-cart";
import { type Connected, type ConnectInput, connectStore } from "./connect-store";
import { mayCallPrivate } from "./open-connection";
import { readAddress } from "./read-address";
import { type FormInput, keysInput, orWrongFields, readForm } from "./read-pasted";

/** Connects a store with what somebody pasted. Throws WrongFields for all that can't be right, before anything is asked. */
export async function connectWithKeys(ctx: Context, input: unknown): Promise<Connected> {
	authorise(ctx, "manager");
	const given = keysInput.parse(input);
	const form = readForm(given);
	switch (given.way) {
		case "secret":
			return withSecret(ctx, form, given.again);
		case "client_credentials":
			return withClientCredentials(ctx, form);
		case "cart":
			return withCart(ctx, form);
		case "paste":
			return withPasted(ctx, form);
	}
}

async function withPasted(ctx: Context, { platform, address: typed, fields }: FormInput): Promise<Connected> {
	const { pasteForm } = await platformFor(platform);
	const [address, keys] = orWrongFields(await readAddress(platform, typed), pasteForm.readKeys(fields));
	const { access, expiresAt, webhookSecret } = keys;
	return connectStore(ctx, { platform, ...address, access, accessExpiresAt: expiresAt, webhookSecret });
}

/** The rest of what the channel has stays, and is not typed again. */
async function withSecret(ctx: Context, { platform, fields }: FormInput, channelId: string): Promise<Connected> {
	const keys = (await platformFor(platform)).pasteForm.readKeys(fields);
	const problems = keys.result === "wrong" ? keys.problems.filter(({ field }) => field === "clientSecret") : [];
	if (problems.length > 0) throw new WrongFields(problems);
	return pasteSecret(ctx, channelId, fields.clientSecret ?? "");
}

async function withClientCredentials(
	ctx: Context,
	{ platform, address: typed, fields }: FormInput,
): Promise<Connected> {
	if (platform !== "shopify")
		throw new Unacceptable(`${platformLabel(platform)} lets no app in by its id and secret alone.`);
	const [address, app] = orWrongFields(await readAddress(platform, typed), readApp(fields));
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

async function withCart(ctx: Context, { platform, address: typed, fields }: FormInput): Promise<Connected> {
	if (platform !== "api2cart")
		throw new Unacceptable(`${platformLabel(platform)} is no account that stores are added to.`);
	const [address] = orWrongFields(await readAddress(platform, typed), readAccount(fields), readChoice(fields));
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
