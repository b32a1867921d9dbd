/**
 * Who calls. Seen on a real shop: Basic and keys in the query count only where WordPress knows that it is reached by
 * https, and are ignored without a word elsewhere; OAuth 1.0a with one leg counts everywhere; an unknown key by Basic is
 * no caller at all, while a known one with a wrong secret is an error.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { sandboxTokens } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { settingsOf, type WooSettings } from "./settings";
import { type ApiKey, WpError } from "./wire";

const kind = "api_key";

/** As WooCommerce makes them: 40 hexadecimal digits behind `ck_` and `cs_`. */
export const newKeyPair = () => ({
	consumerKey: `ck_${randomBytes(20).toString("hex")}`,
	consumerSecret: `cs_${randomBytes(20).toString("hex")}`,
});

/** A further key of the shop, for somebody. */
export async function addKey(
	ctx: SandboxContext,
	store: SandboxStore,
	is: Pick<ApiKey, "permissions"> & { role?: ApiKey["role"]; description?: string },
): Promise<ApiKey> {
	const key: ApiKey = { ...newKeyPair(), permissions: is.permissions, role: is.role ?? "administrator" };
	await ctx.db.insert(sandboxTokens).values({
		storeId: store.id,
		token: key.consumerKey,
		kind,
		data: { ...key, description: is.description ?? "" },
	});
	return key;
}

export async function deleteKey(ctx: SandboxContext, store: SandboxStore, consumerKey: string): Promise<void> {
	await ctx.db
		.delete(sandboxTokens)
		.where(
			and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, consumerKey), eq(sandboxTokens.kind, kind)),
		);
}

async function findKey(ctx: SandboxContext, store: SandboxStore, consumerKey: string): Promise<ApiKey | null> {
	if (consumerKey === store.secrets.consumerKey) {
		const { ownKey } = settingsOf(store);
		if (ownKey === "removed") return null;
		const consumerSecret = store.secrets.consumerSecret ?? "";
		return { consumerKey, consumerSecret, permissions: ownKey, role: "administrator" };
	}
	const [row] = await ctx.db
		.select({ data: sandboxTokens.data })
		.from(sandboxTokens)
		.where(
			and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, consumerKey), eq(sandboxTokens.kind, kind)),
		);
	return row ? (row.data as ApiKey) : null;
}

type Asking = {
	ctx: SandboxContext;
	store: SandboxStore;
	settings: WooSettings;
	home: string;
	request: Request;
	query: URLSearchParams;
	/** Without the shop's own path: `/wp-json/wc/v3/products`. */
	path: string;
};

/** Null: a stranger. Throws WpError for one who tried and failed. */
export async function authenticate(asking: Asking): Promise<ApiKey | null> {
	const { request } = asking;
	// WooCommerce reads keys only where the address contains this text, wherever in it.
	if (!decodeURIComponent(request.url).includes("wp-json/wc/")) return null;
	const seen = seenAs(asking);
	const caller = (seen.startsWith("https:") ? await byBasic(asking) : null) ?? (await byOauth(asking, seen));
	if (!caller) return null;
	const isReading = ["GET", "HEAD", "OPTIONS"].includes(request.method);
	const missing = isReading ? caller.permissions === "write" && "read" : caller.permissions === "read" && "write";
	if (missing) throw failed(`The API key provided does not have ${missing} permissions.`);
	return caller;
}

/**
 * The shop's address as it sees itself asked, which is what a signature covers. One installation is reached by two names
 * when it has a public one: what runs beside it asks by loopback, without TLS.
 */
function seenAs({ home, settings, request }: Asking): string {
	const own = new URL(home);
	const host = request.headers.get("host") ?? new URL(request.url).host;
	if (host !== own.host) return `http://${host}${own.pathname}`;
	return settings.hidesTls ? home.replace(/^https:/, "http:") : home;
}

const failed = (message: string, code = "woocommerce_rest_authentication_error") => new WpError(code, message, 401);

async function byBasic({ ctx, store, request, query }: Asking): Promise<ApiKey | null> {
	const header = /^Basic\s+(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
	const [user = "", password = ""] = header ? splitOnce(Buffer.from(header, "base64").toString("utf8")) : [];
	const consumerKey = query.get("consumer_key") ?? user;
	const consumerSecret = query.get("consumer_secret") ?? password;
	if (consumerKey === "" || consumerSecret === "") return null;
	const key = await findKey(ctx, store, consumerKey);
	if (!key) return null;
	if (!sameText(key.consumerSecret, consumerSecret)) throw failed("Consumer secret is invalid.");
	return key;
}

const splitOnce = (text: string): [string, string] => {
	const at = text.indexOf(":");
	return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
};

function sameText(a: string, b: string): boolean {
	const [left, right] = [Buffer.from(a), Buffer.from(b)];
	return left.length === right.length && timingSafeEqual(left, right);
}

const oauthParameters = [
	"oauth_consumer_key",
	"oauth_timestamp",
	"oauth_nonce",
	"oauth_signature",
	"oauth_signature_method",
];
const windowSeconds = 15 * 60;

async function byOauth(asking: Asking, seen: string): Promise<ApiKey | null> {
	const { ctx, store, query } = asking;
	const missing = oauthParameters.filter((name) => !query.get(name));
	if (missing.length === oauthParameters.length) return null;
	if (missing.length > 0)
		throw failed(
			`Missing OAuth ${missing.length === 1 ? "parameter" : "parameters"} ${missing.join(", ")}`,
			"woocommerce_rest_authentication_missing_parameter",
		);
	const key = await findKey(ctx, store, query.get("oauth_consumer_key") ?? "");
	if (!key) throw failed("Consumer key is invalid.");
	if (!sameText(signatureOf(asking, key, seen), query.get("oauth_signature") ?? ""))
		throw failed("Invalid signature - provided signature does not match.");
	const timestamp = Number(query.get("oauth_timestamp"));
	const now = Math.floor(ctx.now().getTime() / 1_000);
	if (!(Math.abs(now - timestamp) <= windowSeconds)) throw failed("Invalid timestamp.");
	if (!isFreshNonce(store.id, query.get("oauth_nonce") ?? "", timestamp, now))
		throw failed("Invalid nonce - nonce has already been used.");
	return key;
}

function signatureOf({ request, query, path }: Asking, key: ApiKey, seen: string): string {
	const method = query.get("oauth_signature_method") ?? "";
	const algorithm = { "HMAC-SHA256": "sha256", "HMAC-SHA1": "sha1" }[method];
	if (!algorithm) throw failed("Invalid signature - signature method is invalid.");
	const parameters = [...query]
		.filter(([name]) => name !== "oauth_signature")
		.map(([name, value]) => [encode(name), encode(value)] as const)
		.sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
		.map(([name, value]) => `${name}=${value}`)
		.join("&");
	const base = `${request.method}&${encode(`${seen}${path}`)}&${encode(parameters)}`;
	return createHmac(algorithm, `${key.consumerSecret}&`).update(base).digest("base64");
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const encode = (text: string) =>
	encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const shared = globalThis as { onecountWooNonces?: Map<string, Map<string, number>> };
const mostNonces = 20_000;

/** Kept for as long as a signature is good for; in memory, where a restart forgets them. */
function isFreshNonce(storeId: string, nonce: string, timestamp: number, now: number): boolean {
	shared.onecountWooNonces ??= new Map();
	let used = shared.onecountWooNonces.get(storeId);
	if (!used) {
		used = new Map();
		shared.onecountWooNonces.set(storeId, used);
	}
	if (used.has(nonce)) return false;
	used.set(nonce, timestamp);
	if (used.size > mostNonces) for (const [old, at] of used) if (at < now - windowSeconds) used.delete(old);
	return true;
}

export type Action = "list" | "view" | "create" | "edit" | "delete" | "batch";

const refusals: Record<Action, [code: string, message: string]> = {
	list: ["woocommerce_rest_cannot_view", "Sorry, you cannot list resources."],
	view: ["woocommerce_rest_cannot_view", "Sorry, you cannot view this resource."],
	create: ["woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."],
	edit: ["woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."],
	delete: ["woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."],
	batch: ["woocommerce_rest_cannot_batch", "Sorry, you are not allowed to batch manipulate this resource."],
};

/** A stranger gets 401, somebody without the right 403; both the same words. */
export function demand(caller: ApiKey | null, action: Action): void {
	if (caller && caller.role !== "customer") return;
	const [code, message] = refusals[action];
	throw new WpError(code, message, caller ? 403 : 401);
}
