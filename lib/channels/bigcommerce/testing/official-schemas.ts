/**
 * BigCommerce's own OpenAPI documents, cut down to the operations that are used and turned into JSON Schema. Three places
 * of theirs are read by their own words instead: alternatives of an answer that overlap (one may hold), a list of webhooks
 * that is empty, and the base variant of a product with options, which is null.
 */
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

type Operation = { query: string[]; body?: object; answers: Record<string, object> };

const operations = JSON.parse(readFileSync(new URL("./official-schemas.json", import.meta.url), "utf8")) as Record<
	string,
	Operation
>;

const ajv = new Ajv({ strict: false, allErrors: true });
// The package is CommonJS, whose default export is wrapped here.
(addFormats as unknown as { default: typeof addFormats.default }).default(ajv);

const patterns = Object.keys(operations).map((name) => {
	const [method = "", path = ""] = name.split(" ");
	return { name, method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`) };
});

/** `GET /v3/inventory/items`; null for an operation that is not among them. */
export function operationOf(method: string, path: string): string | null {
	const exact = `${method} ${path}`;
	if (operations[exact]) return exact;
	return patterns.find((one) => one.method === method && one.pattern.test(path))?.name ?? null;
}

const compiled = new Map<object, ValidateFunction>();

function objections(schema: object | undefined, value: unknown): string[] {
	if (!schema) return [];
	const validate = compiled.get(schema) ?? ajv.compile(schema);
	compiled.set(schema, validate);
	if (validate(value)) return [];
	return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

export const objectionsToBody = (operation: string, body: unknown) => objections(operations[operation]?.body, body);

export const objectionsToAnswer = (operation: string, status: number, body: unknown) =>
	objections(operations[operation]?.answers[status], body);

/** Parameters that the operation does not know. */
export const unknownParameters = (operation: string, query: URLSearchParams) =>
	[...query.keys()].filter((name) => !operations[operation]?.query.includes(name));
