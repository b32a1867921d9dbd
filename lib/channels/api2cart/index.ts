export { api2cart } from "./adapter";
export { addCart, type Cart, type CartParameter, listCarts, missingOf } from "./carts";
export { a2cFacts } from "./facts";
export { pasteForm } from "./paste-form";
