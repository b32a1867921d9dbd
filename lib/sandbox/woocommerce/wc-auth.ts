/**
 * Handing keys over: the merchant signs in, agrees, and the shop's own server posts the keys to the app before the browser
 * goes back. Anything but a plain 200 from there, and the key is deleted again.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { request as undiciRequest } from "undici";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { addKey, deleteKey } from "./keys";
import { hookshot, isBlocked } from "./outbound";
import type { WooSettings } from "./settings";
import type { ApiKey } from "./wire";
import { escapeHtml, htmlPage, phpJson } from "./wire";

export type Visit = {
	ctx: SandboxContext;
	store: SandboxStore;
	settings: WooSettings;
	home: string;
	request: Request;
	query: URLSearchParams;
};

const postPatienceMs = 60_000;
const cookieName = "wordpress_logged_in";

/** `step`: what stands behind `/wc-auth/v1/`. */
export async function wcAuth(visit: Visit, step: string): Promise<Response> {
	const { query, request } = visit;
	const trouble = troubleOf(visit);
	if (trouble) return errorPage(trouble, 400);
	const isSignedIn = readCookie(visit);
	if (step === "login" && request.method === "POST") return signIn(visit);
	if (step === "login" || !isSignedIn) return loginPage(visit);
	if (step === "authorize") return consentPage(visit);
	if (step === "access_granted" && request.method === "POST") {
		const form = new URLSearchParams(await request.text());
		if (!sameText(form.get("wc_auth_nonce") ?? "", nonceOf(visit))) return errorPage("Invalid nonce verification", 401);
		return form.get("answer") === "approve" ? grant(visit) : Response.redirect(backTo(query, false), 302);
	}
	return errorPage("Invalid request", 404);
}

const scopes: Record<string, ApiKey["permissions"]> = { read: "read", write: "write", read_write: "read_write" };

function troubleOf({ query, settings }: Visit): string | null {
	for (const name of ["app_name", "user_id", "return_url", "callback_url", "scope"])
		if (!query.get(name)) return `Missing parameter ${name}`;
	if (!scopes[query.get("scope") ?? ""]) return `Invalid scope ${query.get("scope")}`;
	for (const name of ["return_url", "callback_url"])
		if (!URL.canParse(query.get(name) ?? "")) return `The ${name} is not a valid URL`;
	const isOverTls = (query.get("callback_url") ?? "").startsWith("https://");
	return isOverTls || settings.mayCallPrivate ? null : "The callback_url needs to be over SSL";
}

const errorPage = (message: string, status: number) =>
	htmlPage("WordPress › Error", `<h1>Error</h1>\n<p>${escapeHtml(message)}.</p>`, status);

/** Without a host: browsers may reach the shop by another name than the one that it has for itself. */
const address = ({ home, query }: Visit, step: string) => `${new URL(home).pathname}/wc-auth/v1/${step}?${query}`;

/** The owner of a toy shop has a name and no password: whoever knows the address may sign in. */
function loginPage(visit: Visit): Response {
	const { store, query } = visit;
	return htmlPage(
		`Log in — ${store.name}`,
		`<h1>${escapeHtml(store.name)}</h1>
<p>To connect to ${escapeHtml(query.get("app_name") ?? "")} you need to be logged in. Log in to your store below, or <a href="${escapeHtml(backTo(query, false))}">cancel and return to ${escapeHtml(query.get("app_name") ?? "")}</a>.</p>
<form method="post" action="${escapeHtml(address(visit, "login"))}">
<label>Username <input name="username" value="shopkeeper" autocomplete="username" /></label>
<label>Password <input name="password" type="password" value="sandbox" autocomplete="current-password" /></label>
<p><button type="submit">Log in</button></p>
</form>
<p>This is a sandbox shop: any name and any password will do.</p>`,
	);
}

function signIn(visit: Visit): Response {
	const path = new URL(visit.home).pathname;
	return new Response(null, {
		status: 302,
		headers: {
			location: address(visit, "authorize"),
			"set-cookie": `${cookieName}=${sessionOf(visit)}; Path=${path}; HttpOnly; SameSite=Lax`,
		},
	});
}

function consentPage(visit: Visit): Response {
	const { store, query } = visit;
	const app = escapeHtml(query.get("app_name") ?? "");
	const rights = { read: "View", write: "Change", read_write: "View and manage" }[query.get("scope") ?? ""] ?? "";
	return htmlPage(
		`Connect ${app} — ${store.name}`,
		`<h1>${app} would like to connect to your store</h1>
<p>This will give "${app}" ${query.get("scope")} access which will allow it to:</p>
<ul><li>${rights} coupons</li><li>${rights} customers</li><li>${rights} orders and sales reports</li><li>${rights} products</li></ul>
<p>Logged in as shopkeeper.</p>
<form method="post" action="${escapeHtml(address(visit, "access_granted"))}">
<input type="hidden" name="wc_auth_nonce" value="${nonceOf(visit)}" />
<button type="submit" name="answer" value="approve">Approve</button>
<button type="submit" name="answer" value="deny" class="deny">Deny</button>
</form>`,
	);
}

function backTo(query: URLSearchParams, isGranted: boolean): string {
	const url = new URL(query.get("return_url") ?? "");
	url.searchParams.set("success", isGranted ? "1" : "0");
	url.searchParams.set("user_id", query.get("user_id") ?? "");
	return url.href;
}

async function grant(visit: Visit): Promise<Response> {
	const { ctx, store, query } = visit;
	const permissions = scopes[query.get("scope") ?? ""] ?? "read";
	const key = await addKey(ctx, store, { permissions, description: `${query.get("app_name")} - API` });
	const isTaken = await post(visit, {
		key_id: 1,
		user_id: query.get("user_id"),
		consumer_key: key.consumerKey,
		consumer_secret: key.consumerSecret,
		key_permissions: permissions,
	});
	if (isTaken) return Response.redirect(backTo(query, true), 302);
	await deleteKey(ctx, store, key.consumerKey);
	return errorPage("An error occurred in the request and at the time were unable to send the consumer data", 401);
}

async function post({ settings, home, query }: Visit, body: unknown): Promise<boolean> {
	const url = query.get("callback_url") ?? "";
	if (!settings.mayCallPrivate && isBlocked(url, home)) return false;
	try {
		const reply = await undiciRequest(url, {
			method: "POST",
			headers: { ...hookshot(), "content-type": "application/json;charset=UTF-8" },
			body: phpJson(body),
			signal: AbortSignal.timeout(postPatienceMs),
		});
		await reply.body.dump();
		return reply.statusCode === 200;
	} catch {
		return false;
	}
}

/* Signed by the shop's own secret, so that nothing has to be kept. */

const mac = ({ store }: Visit, what: string) =>
	createHmac("sha256", store.secrets.consumerSecret ?? "")
		.update(`${store.id} ${what}`)
		.digest("hex");
const sessionOf = (visit: Visit) => mac(visit, "session");
const nonceOf = (visit: Visit) => mac(visit, `nonce ${visit.query}`).slice(0, 10);

function readCookie(visit: Visit): boolean {
	const cookies = visit.request.headers.get("cookie") ?? "";
	const value = new RegExp(`(?:^|;\\s*)${cookieName}=([0-9a-f]+)`).exec(cookies)?.[1] ?? "";
	return sameText(value, sessionOf(visit));
}

function sameText(a: string, b: string): boolean {
	const [left, right] = [Buffer.from(a), Buffer.from(b)];
	return left.length === right.length && timingSafeEqual(left, right);
}
