export { magento } from "./adapter";
export { magentoFacts } from "./facts";
export { pasteForm } from "./paste-form";
