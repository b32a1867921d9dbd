/** Installing an app: the page that asks the merchant, the signed way back, and the token endpoint. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { settingsOf, shopDomain } from "./settings";
import { grantClientCredentials, grantCode, migrate, redeemCode, refresh, type TokenPair } from "./tokens";

const offlineTokenType = "urn:shopify:params:oauth:token-type:offline-access-token";

/** GET shows the page, POST is the merchant's click on "Install" or "Cancel". */
export async function authorize(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<Response> {
	const url = new URL(request.url);
	const query = url.searchParams;
	const redirectUri = query.get("redirect_uri") ?? "";
	if (query.get("client_id") !== store.secrets.clientId)
		return page(store, 400, "Oauth error invalid_request: Could not find Shopify API application with api_key", "");
	if (!isWebAddress(redirectUri))
		return page(store, 400, "Oauth error invalid_request: The redirect_uri is not whitelisted", "");
	const scopes = (query.get("scope") ?? "")
		.split(",")
		.map((scope) => scope.trim())
		.filter(Boolean);
	if (query.getAll("grant_options[]").includes("per-user"))
		return page(store, 400, "This sandbox store grants offline tokens only", "");
	if (request.method === "GET") return consentPage(store, scopes, `${url.pathname}${url.search}`);

	const answer = new URLSearchParams(await request.text());
	const back = new URL(redirectUri);
	if (answer.get("answer") !== "install") {
		back.searchParams.set("error", "access_denied");
		back.searchParams.set("error_description", "The merchant denied the request.");
		return redirect(back.href);
	}
	const params: Record<string, string> = {
		code: await grantCode(ctx, store, scopes, redirectUri),
		host: Buffer.from(`admin.shopify.com/store/${store.id}`).toString("base64").replace(/=+$/, ""),
		shop: shopDomain(store),
		timestamp: String(Math.floor(ctx.now().getTime() / 1_000)),
	};
	const state = query.get("state");
	if (state !== null) params.state = state;
	// What the redirect address already carries is signed with the rest.
	for (const [name, value] of back.searchParams) params[name] ??= value;
	const hmac = signQuery(params, store.secrets.clientSecret ?? "");
	back.search = `${encodeQuery(params)}&hmac=${hmac}`;
	return redirect(back.href);
}

/** Sorted and joined, spaces as %20. */
function encodeQuery(params: Record<string, string>): string {
	return Object.keys(params)
		.sort()
		.map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(params[name] ?? "")}`)
		.join("&");
}

export const signQuery = (params: Record<string, string>, clientSecret: string): string =>
	createHmac("sha256", clientSecret).update(encodeQuery(params)).digest("hex");

export async function accessToken(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<Response> {
	const given = await readBody(request);
	const { clientId = "", clientSecret = "" } = store.secrets;
	if (!isSame(given.client_id ?? "", clientId))
		return refuse("invalid_request", "Could not find Shopify API application with api_key");
	if (!isSame(given.client_secret ?? "", clientSecret))
		return refuse("invalid_client", "The client secret is not valid for this application.");
	if (!settingsOf(store).isInstalled && given.grant_type !== undefined)
		return refuse("app_not_installed", "The application is not installed on this shop.");

	switch (given.grant_type) {
		case undefined:
		case "authorization_code":
			return tokenReply(
				await redeemCode(ctx, store, given.code ?? "", given.expiring === "1"),
				"invalid_request",
				"The authorization code was not found or was already used",
			);
		case "refresh_token":
			return tokenReply(
				await refresh(ctx, store, given.refresh_token ?? ""),
				"invalid_grant",
				"The refresh token is invalid, expired or was already replaced.",
			);
		case "client_credentials":
			return tokenReply(await grantClientCredentials(ctx, store), "", "");
		case "urn:ietf:params:oauth:grant-type:token-exchange":
			if (given.subject_token_type !== offlineTokenType || given.expiring !== "1")
				return refuse("invalid_subject_token", "The subject token is invalid.");
			return tokenReply(
				await migrate(ctx, store, given.subject_token ?? ""),
				"invalid_subject_token",
				"The subject token is invalid.",
			);
		default:
			return refuse("unsupported_grant_type", "The grant type is not supported.");
	}
}

async function readBody(request: Request): Promise<Record<string, string | undefined>> {
	const text = await request.text();
	if (!(request.headers.get("content-type") ?? "").includes("json"))
		return Object.fromEntries(new URLSearchParams(text));
	try {
		const body = JSON.parse(text) as Record<string, unknown>;
		return Object.fromEntries(Object.entries(body ?? {}).map(([name, value]) => [name, String(value)]));
	} catch {
		return {};
	}
}

const tokenReply = (pair: TokenPair | null, error: string, description: string) =>
	pair ? Response.json(pair, { headers: { "cache-control": "no-store" } }) : refuse(error, description);

const refuse = (error: string, description: string) =>
	Response.json({ error, error_description: description }, { status: 400 });

function isSame(given: string, wanted: string): boolean {
	const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
	return a.length === b.length && timingSafeEqual(a, b);
}

function isWebAddress(text: string): boolean {
	try {
		return ["http:", "https:"].includes(new URL(text).protocol);
	} catch {
		return false;
	}
}

const redirect = (location: string) => new Response(null, { status: 302, headers: { location } });

function consentPage(store: SandboxStore, scopes: string[], action: string): Response {
	const rights = scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join("");
	return page(
		store,
		200,
		"Install app",
		`<p>This app asks for these rights in <strong>${escapeHtml(store.name)}</strong>:</p><ul>${rights}</ul>
<form method="post" action="${escapeHtml(action)}">
<button name="answer" value="cancel">Cancel</button>
<button class="primary" name="answer" value="install">Install</button>
</form>`,
	);
}

/** A plain look of its own: nobody shall take it for the real Shopify, or for Onecount. */
export function page(store: SandboxStore, status: number, title: string, content: string): Response {
	const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Shopify sandbox</title>
<style>
body { margin: 0; background: #f1f1f1; color: #1a1a1a; font: 15px/1.5 system-ui, sans-serif }
header { background: #1a1a1a; color: #fff; padding: 12px 20px }
main { max-width: 440px; margin: 48px auto; background: #fff; border-radius: 12px; padding: 24px; box-shadow: 0 1px 3px #0003 }
h1 { font-size: 18px; margin: 0 0 12px }
ul { padding-left: 20px }
form { display: flex; justify-content: flex-end; gap: 8px; margin-top: 24px }
button { font: inherit; padding: 6px 14px; border-radius: 8px; border: 1px solid #8a8a8a; background: #fff; cursor: pointer }
button.primary { background: #1a1a1a; color: #fff; border-color: #1a1a1a }
table { width: 100%; border-collapse: collapse } td { padding: 4px 0; border-top: 1px solid #ececec } td:last-child { text-align: right }
</style>
</head>
<body>
<header>Shopify sandbox · ${escapeHtml(store.name)}</header>
<main><h1>${escapeHtml(title)}</h1>${content}</main>
</body>
</html>`;
	return new Response(html, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
