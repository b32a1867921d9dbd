export { bigcommerce } from "./adapter";
export { consent } from "./consent";
export { bigcommerceFacts, wantedScopes } from "./facts";
export { momentsFor } from "./moments";
export { pasteForm } from "./paste-form";
export { readSignedPayload } from "./signed-payload";
