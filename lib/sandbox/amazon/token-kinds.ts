/** What an access token is good for: a seller's things, the app's news, or the app's own secret. */
export type TokenKind = "seller" | "app" | "rotation";

/** By the scope under which the app asks for itself. */
export const grantlessScopes: Readonly<Record<string, Exclude<TokenKind, "seller"> | undefined>> = {
	"sellingpartnerapi::notifications": "app",
	"sellingpartnerapi::client_credential:rotation": "rotation",
};
