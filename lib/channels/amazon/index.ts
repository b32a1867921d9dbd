export { amazon } from "./adapter";
export { consent } from "./consent";
export { amazonFacts } from "./facts";
export { pasteForm } from "./paste-form";
