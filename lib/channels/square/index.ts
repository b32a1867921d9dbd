export { square } from "./adapter";
export { consent } from "./consent";
export { squareFacts } from "./facts";
export { pasteForm } from "./paste-form";
export { scopes } from "./scopes";
