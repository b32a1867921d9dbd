export { woocommerce } from "./adapter";
export { storeKeyOf } from "./connect";
export { wooFacts } from "./facts";
export {
	authorizeUrl,
	type HandedKeys,
	type HandOver,
	newHandOver,
	normaliseShopUrl,
	readHandedKeys,
	readHandOver,
	readReturn,
	signHandOver,
} from "./hand-over";
