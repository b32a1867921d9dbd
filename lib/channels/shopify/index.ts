export { shopify } from "./adapter";
export { apiVersion, askedScopes, missingScopes, shopifyFacts, wantedScopes } from "./facts";
export {
	type AccessKind,
	askForShop,
	authorizeUrl,
	type CallbackVerdict,
	clientCredentialsGrant,
	exchangeCode,
	isShopDomain,
	newState,
	verifyCallback,
} from "./oauth";
export { appFields, pasteForm, readApp } from "./paste-form";
