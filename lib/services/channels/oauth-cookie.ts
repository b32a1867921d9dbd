import { attemptMinutes } from "./connect-attempt";

/** Binds the way back from a store to the browser that set out. */
export const oauthStateCookie = "onecount-oauth-state";

export const oauthCookieOptions = (origin: string) => ({
	path: "/api/oauth",
	httpOnly: true,
	secure: origin.startsWith("https://"),
	// Sent when the store's page leads the browser back, and with nothing that another page posts.
	sameSite: "lax" as const,
	maxAge: attemptMinutes * 60,
});
