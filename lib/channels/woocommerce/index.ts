export { woocommerce } from "./adapter";
export { storeKeyOf } from "./connect";
export { wooFacts } from "./facts";
export {
	authorizeUrl,
	type HandedKeys,
	type HandOver,
	newHandOver,
	readHandedKeys,
	readHandOver,
	readReturn,
	signHandOver,
} from "./hand-over";
export { pasteForm } from "./paste-form";
