export * from "./api";
export * from "./catalogue";
export * from "./channels";
export * from "./comparisons";
export * from "./engine";
export * from "./identity";
export * from "./sandbox";
export * from "./sync";
