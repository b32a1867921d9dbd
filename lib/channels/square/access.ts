/** Access that runs out: an agreement's token lives thirty days, and the refresh token that renews it stays the same. */
import type { AppCredentials, Connection, RefreshedAccess } from "../channel-adapter";
import { ChannelError } from "../errors";
import { granted } from "./api-types";
import { askForToken, SquareError } from "./client";

/** A token that was pasted does not run out and has nothing to be renewed with. Throws ChannelError. */
export async function refreshAccess(connection: Connection, app: AppCredentials): Promise<RefreshedAccess> {
	const { refreshToken } = connection.access;
	if (!refreshToken) return { access: connection.access, expiresAt: null };
	const body = {
		client_id: app.clientId,
		client_secret: app.clientSecret,
		grant_type: "refresh_token",
		refresh_token: refreshToken,
	};
	const given = await askForToken(connection, body, granted).catch(notRenewed);
	return {
		access: {
			...connection.access,
			accessToken: given.access_token,
			refreshToken: given.refresh_token ?? refreshToken,
		},
		expiresAt: given.expires_at ? new Date(given.expires_at) : null,
	};
}

const isRefused = (error: unknown): error is ChannelError =>
	error instanceof ChannelError && ["refused", "gone", "missing_scope", "access_revoked"].includes(error.reason);

/**
 * One code of Square's proves that the agreement is over. By the others, of which none is written down for this call, it may
 * be that, or the app's id and secret, which every account would suffer from.
 */
function notRenewed(error: unknown): never {
	if (!isRefused(error) || error.code === "ACCESS_TOKEN_REVOKED") notAgreed(error);
	throw new SquareError(
		"app_misconfigured",
		"Square does not renew the access to this account: it may not accept the app's id and secret together.",
		{
			fix: "Copy the application id and secret again from Square's developer console. If they are right, connect the account again.",
			code: error.code,
			cause: error,
		},
	);
}

/** What Square refuses here is the agreement itself. */
export function notAgreed(error: unknown): never {
	if (!isRefused(error)) throw error;
	throw new SquareError("access_revoked", "Square no longer accepts the agreement with this account.", {
		fix: "Connect the account again.",
		code: error.code,
		cause: error,
	});
}
