/** Amazon's own descriptions of its API, cut down to the operations that are used: what a request may be, and what an answer is. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

type Parameter = {
	name: string;
	in: "path" | "query" | "body";
	required?: boolean;
	type?: string;
	items?: { enum?: string[] };
	enum?: string[];
	maxItems?: number;
	maximum?: number;
	schema?: object;
};
type Operation = { parameters: Parameter[]; responses: Record<string, { schema?: object }> };
type Model = { paths: Record<string, Record<string, Operation>>; definitions: Record<string, unknown> };

const names = [
	"listingsItems_2021-08-01",
	"feeds_2021-06-30",
	"reports_2021-06-30",
	"orders_2026-01-01",
	"notifications",
	"sellers",
	"application_2023-11-30",
];

const read = (file: string) => JSON.parse(readFileSync(path.join(import.meta.dirname, file), "utf8"));
const models: Model[] = names.map((name) => read(`models/${name}.json`));

// Formats of OpenAPI that JSON Schema does not know are left alone.
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);

const compiled = new Map<object, ValidateFunction>();
function complaints(schema: object, definitions: object, value: unknown): string[] {
	const validate = compiled.get(schema) ?? ajv.compile({ ...schema, definitions });
	compiled.set(schema, validate);
	return validate(value)
		? []
		: (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

export type Traffic = { method: string; url: string; body?: string; status: number; reply: string };

function findOperation(method: string, pathname: string): { model: Model; operation: Operation; name: string } | null {
	for (const model of models) {
		for (const [template, operations] of Object.entries(model.paths)) {
			const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`);
			const operation = operations[method.toLowerCase()];
			if (operation && pattern.test(pathname)) return { model, operation, name: `${method} ${template}` };
		}
	}
	return null;
}

/** What is wrong with a call and its answer by Amazon's own description; `pathname` from the endpoint on. */
export function judge(
	{ method, url, body, status, reply }: Traffic,
	pathname: string,
): { name: string; faults: string[] } {
	const found = findOperation(method, pathname);
	if (!found) return { name: `${method} ${pathname}`, faults: ["there is no such operation"] };
	const { model, operation, name } = found;
	const faults = queryFaults(operation, new URL(url).searchParams);
	const bodyParameter = operation.parameters.find((parameter) => parameter.in === "body");
	if (bodyParameter?.schema)
		faults.push(
			...complaints(bodyParameter.schema, model.definitions, JSON.parse(body ?? "null")).map((one) => `body${one}`),
		);
	else if (body !== undefined) faults.push("it takes no body");
	const response = operation.responses[String(status)];
	if (!response) faults.push(`it never answers ${status}`);
	else if (response.schema)
		faults.push(...complaints(response.schema, model.definitions, JSON.parse(reply)).map((one) => `reply${one}`));
	return { name, faults };
}

function queryFaults({ parameters }: Operation, query: URLSearchParams): string[] {
	const known = new Map(parameters.filter((one) => one.in === "query").map((one) => [one.name, one]));
	const faults = [...known.values()]
		.filter((one) => one.required && !query.has(one.name))
		.map((one) => `${one.name} is missing`);
	for (const [name, text] of query) {
		const parameter = known.get(name);
		if (!parameter) {
			faults.push(`${name} is unknown`);
			continue;
		}
		const values = parameter.type === "array" ? text.split(",") : [text];
		const allowed = parameter.items?.enum ?? parameter.enum;
		if (parameter.maxItems && values.length > parameter.maxItems) faults.push(`${name} has too many`);
		if (allowed && values.some((value) => !allowed.includes(value))) faults.push(`${name} is ${text}`);
		if (parameter.maximum && Number(text) > parameter.maximum) faults.push(`${name} is over ${parameter.maximum}`);
	}
	return faults;
}

const schemaFaults = (file: string) => {
	const schema = read(file);
	return (value: unknown) => complaints(schema, {}, value);
};
export const feedFaults = schemaFaults("feeds/feed.json");
export const feedResultFaults = schemaFaults("feeds/result.json");
export const notificationFaults: Record<string, (value: unknown) => string[]> = {
	ORDER_CHANGE: schemaFaults("notifications/OrderChangeNotification.json"),
	LISTINGS_ITEM_MFN_QUANTITY_CHANGE: schemaFaults("notifications/ListingsItemMfnQuantityChange.json"),
};
