/** Login with Amazon: what turns a refresh token into the access tokens that calls carry for an hour. */
import type { z } from "zod";
import type { AppCredentials, Connection, RefreshedAccess } from "../channel-adapter";
import { accessEnded, ChannelError } from "../errors";
import type { HttpClient, HttpReply } from "../http";
import { loginError, token } from "./api-types";
import { endedSecretFix } from "./client-secret";
import { tokenUrlOf } from "./marketplaces";
import { isStrange, strangerFix } from "./stranger";

/** Taken for expired this long before. */
const aheadMs = 60_000;

type Grant =
	| { grant_type: "refresh_token"; refresh_token: string }
	| { grant_type: "authorization_code"; code: string; redirect_uri: string }
	/** What belongs to the app and to no seller. */
	| { grant_type: "client_credentials"; scope: (typeof scopes)[keyof typeof scopes] };

/** What the app asks for itself: where its news goes, and its own secret. */
export const scopes = {
	app: "sellingpartnerapi::notifications",
	rotation: "sellingpartnerapi::client_credential:rotation",
} as const;

export type Login = { accessToken: string; refreshToken: string | null; expiresAt: Date };

type Io = { http: HttpClient; baseUrl: string; now: () => Date };

/**
 * Asks the login host, again with the secret before where it does not take the newest. Throws ChannelError; only its
 * `invalid_grant` proves that access was revoked.
 */
export async function logIn(io: Io, { previousSecret, ...app }: AppCredentials, grant: Grant): Promise<Login> {
	try {
		return await askLogin(io, app, grant);
	} catch (error) {
		if (!previousSecret || !(error instanceof ChannelError) || error.code !== "invalid_client") throw error;
		return await askLogin(io, { ...app, clientSecret: previousSecret }, grant).catch(() => {
			throw error;
		});
	}
}

async function askLogin(io: Io, app: AppCredentials, grant: Grant): Promise<Login> {
	const asked = io.now().getTime();
	const reply = await io.http.send({
		method: "POST",
		url: tokenUrlOf(io.baseUrl),
		headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
		body: new URLSearchParams({
			...grant,
			client_id: loginIdOf(app.clientId),
			client_secret: app.clientSecret,
		}).toString(),
		isSecret: true,
	});
	const granted = readLogin(reply);
	return {
		accessToken: granted.access_token,
		refreshToken: granted.refresh_token ?? null,
		expiresAt: new Date(asked + granted.expires_in * 1_000),
	};
}

/**
 * An app has two ids: the one that its consent page is opened with, and the one that it logs in with. Where both are given,
 * they stand in one setting as `<application id>/<client id>`.
 */
export const loginIdOf = (clientId: string): string => clientId.slice(clientId.lastIndexOf("/") + 1);

export const applicationIdOf = ({ clientId }: AppCredentials): string | null =>
	clientId.includes("/") ? clientId.slice(0, clientId.indexOf("/")) : null;

function readLogin(reply: HttpReply): z.output<typeof token> {
	let json: unknown;
	try {
		json = JSON.parse(reply.text);
	} catch {
		json = null;
	}
	if (reply.status === 200) {
		const read = token.safeParse(json);
		if (read.success) return read.data;
		if (isStrange(reply.text)) throw noLogin(reply.status);
		throw unreadableLogin(read.error);
	}
	throw refusedLogin(reply, loginError.safeParse(json).data ?? null);
}

const unreadableLogin = (cause?: unknown) =>
	new ChannelError("unreadable", "Amazon's login answered in a form that Onecount doesn't know.", { cause });

const noLogin = (status: number) =>
	new ChannelError("not_a_store", `What answers in place of Amazon's login is none (${status}).`, {
		fix: strangerFix,
		code: `HTTP_${status}`,
	});

function refusedLogin({ status, text }: HttpReply, said: z.output<typeof loginError> | null): ChannelError {
	const code = said?.error ?? `HTTP_${status}`;
	if (status === 429)
		return new ChannelError("throttled", "Amazon's login asks to wait.", { code, retryAfterMs: 5_000 });
	if (status >= 500) return new ChannelError("unreachable", `Amazon's login is having trouble (${status}).`, { code });
	if (!said) return isStrange(text) ? noLogin(status) : unreadableLogin();
	switch (said.error) {
		case "invalid_grant":
			return /code/.test(said.error_description ?? "")
				? new ChannelError("access_revoked", "Amazon's permission was used already, or is older than five minutes.", {
						fix: "Let Onecount in once more in Seller Central.",
						code,
					})
				: new ChannelError(
						"access_revoked",
						"The seller's permission for this app has ended, or the refresh token is another app's.",
						{
							fix: "In Seller Central under Apps and Services → Manage Your Apps authorise the app again (Amazon asks for it once a year), then connect with the new refresh token.",
							code,
						},
					);
		case "invalid_client":
			return new ChannelError(
				"app_misconfigured",
				"Amazon does not accept the app's client identifier and secret together.",
				{
					fix: `Copy both again from Seller Central → Develop Apps → View: they must be of one app. ${endedSecretFix}`,
					code,
				},
			);
		default:
			return new ChannelError(
				"app_misconfigured",
				`Amazon's login refuses this app: ${said.error_description || said.error}.`,
				{
					fix: "Copy the LWA client id and secret again from Seller Central → Develop Apps → View.",
					code,
				},
			);
	}
}

/** The app's own keys, where the connection carries them: the merchant's private app. */
export function appOf({ access }: Connection): AppCredentials | null {
	const { clientId, clientSecret, previousSecret } = access;
	return clientId && clientSecret ? { clientId, clientSecret, previousSecret } : null;
}

type Held = { login: Promise<Login>; token: string | null; expiresAt: number };
const mostHeld = 5_000;
const held = new Map<string, Held>();

/** One login in flight for all who need it; what it gave is good until a minute before it expires, unless it is the `stale` one. */
async function shareLogin(key: string, now: number, stale: string | null, make: () => Promise<Login>): Promise<string> {
	const known = held.get(key);
	const isGood = known && known.expiresAt > now + aheadMs && (stale === null || known.token !== stale);
	if (isGood) return (await known.login).accessToken;
	if (held.size >= mostHeld) held.clear();
	const entry: Held = { login: make(), token: null, expiresAt: Number.POSITIVE_INFINITY };
	held.set(key, entry);
	try {
		const login = await entry.login;
		entry.token = login.accessToken;
		entry.expiresAt = login.expiresAt.getTime();
		return login.accessToken;
	} catch (error) {
		if (held.get(key) === entry) held.delete(key);
		throw error;
	}
}

/** With the secret that it came by: what an ended one gave is worth nothing. */
const sharedBy = ({ baseUrl }: Connection, { clientId, clientSecret }: AppCredentials) =>
	`${baseUrl} ${clientId} ${clientSecret}`;

/** The token of calls about a seller's things. `stale`: the last that Amazon has just refused. Throws ChannelError. */
export async function sellerToken(connection: Connection, stale: string | null = null): Promise<string> {
	const { accessToken, refreshToken } = connection.access;
	if (accessToken && stale === null) return accessToken;
	const app = appOf(connection);
	if (!refreshToken)
		throw new ChannelError("access_revoked", "There is no permission of this seller.", {
			fix: "Connect Amazon again.",
		});
	if (!app)
		throw new ChannelError(
			"unreachable",
			"Amazon refuses the access token before its time; a fresh one is on its way.",
			{
				code: accessEnded,
			},
		);
	return shareLogin(`${sharedBy(connection, app)} ${refreshToken}`, connection.now().getTime(), stale, () =>
		logIn(connection, app, { grant_type: "refresh_token", refresh_token: refreshToken }),
	);
}

/** The token of calls about the app's own things. Throws ChannelError. */
export async function appToken(
	connection: Connection,
	stale: string | null = null,
	kind: keyof typeof scopes = "app",
): Promise<string> {
	const app = appOf(connection);
	if (!app)
		throw new ChannelError("missing_scope", "Only the app's owner can say where its news goes.", {
			fix: "Connect with a private app of the seller's own, or let the host set up the queue.",
		});
	return shareLogin(`${sharedBy(connection, app)} ${kind}`, connection.now().getTime(), stale, () =>
		logIn(connection, app, { grant_type: "client_credentials", scope: scopes[kind] }),
	);
}

/** Fresh access for the connection's row: the refresh token stays as it is (Amazon does not rotate it). */
export async function refreshAccess(connection: Connection, app: AppCredentials): Promise<RefreshedAccess> {
	const { refreshToken } = connection.access;
	if (!refreshToken)
		throw new ChannelError("access_revoked", "There is no permission of this seller.", {
			fix: "Connect Amazon again.",
		});
	const login = await logIn(connection, app, { grant_type: "refresh_token", refresh_token: refreshToken });
	return {
		access: {
			...connection.access,
			accessToken: login.accessToken,
			refreshToken: login.refreshToken ?? refreshToken,
		},
		expiresAt: login.expiresAt,
	};
}
