/** The public API's description (OpenAPI 3.1), made from the very schemas that check its requests and answers. */
import { z } from "zod";
import { webhookEvents, webhookEventWords } from "@/lib/format/webhook-events";
import { messageSchemas } from "../endpoints/message-body";
import { apiRoot } from "./api-root";
import { problemSchema } from "./problem";
import { type ApiRoute, idempotencyKeyForm } from "./route";
import { routes } from "./routes";
import {
	adjustOnHandBody,
	changedLevelSchema,
	componentsSchema,
	levelSchema,
	locationSchema,
	locationsSchema,
	offerSchema,
	reservationSchema,
	reserveBody,
	setComponentsBody,
	setOnHandBody,
	skuPageSchema,
	skuSchema,
} from "./schemas";

type Json = Record<string, unknown>;

/** Schemas that have a name of their own; the others stand where they are used. */
const named: Record<string, z.ZodType> = {
	Problem: problemSchema,
	Location: locationSchema,
	Locations: locationsSchema,
	Level: levelSchema,
	ChangedLevel: changedLevelSchema,
	Offer: offerSchema,
	Sku: skuSchema,
	SkuPage: skuPageSchema,
	SetOnHand: setOnHandBody,
	AdjustOnHand: adjustOnHandBody,
	SetComponents: setComponentsBody,
	Components: componentsSchema,
	Reserve: reserveBody,
	Reservation: reservationSchema,
};

const refOf = (name: string) => `#/components/schemas/${name}`;

let made: Json | undefined;
export function describeApi(): Json {
	made ??= {
		openapi: "3.1.0",
		info: {
			title: "Onecount",
			version: "1",
			description:
				"Reads and changes the one true stock count, and holds stock for carts. Every refusal is a problem (RFC 9457) with a sentence for a person. A change is made once per Idempotency-Key, which is kept for a week: the same request again gets the first answer again.",
		},
		servers: [{ url: apiRoot }],
		paths: pathsOf(routes),
		webhooks: Object.fromEntries(webhookEvents.map((event) => [event, webhookOf(event)])),
		components: {
			schemas: componentSchemas(),
			securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key: oc_…, made in Settings." } },
		},
	};
	return made;
}

/** Every status that a route answers with, and what it means. */
export function statusesOf(route: ApiRoute): Record<string, string> {
	const { answer, refusals } = route;
	const isWrite = "write" in route;
	const more = (status: 409 | 422, also: string) => [refusals[status], also].filter(Boolean).join(" ");
	return {
		[answer.status]: answer.description,
		...(isWrite && { 400: "`idempotency_key_missing`, or `not_json`." }),
		401: "`unknown_key`: no key, or one that opens nothing.",
		403: `\`missing_scope\`: the key lacks ${route.scope}.`,
		...refusals,
		...(isWrite && {
			409: more(409, "`in_progress`: the first request with this Idempotency-Key is still under way."),
			422: more(422, "`idempotency_key_reused`: it was used for another request."),
		}),
		...(route.body && { 413: "`too_large`: the body is larger than 256 kB." }),
		429: "`too_often`: the key's limit is reached; Retry-After says when to come back.",
	};
}

function pathsOf(all: readonly ApiRoute[]): Json {
	const paths: Record<string, Json> = {};
	for (const route of all)
		paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
	return paths;
}

function operationOf(route: ApiRoute): Json {
	const { operationId, summary, description, body } = route;
	return {
		operationId,
		summary,
		...(description && { description }),
		security: [{ key: [route.scope] }],
		parameters: [
			...parametersOf(route.params, "path"),
			...parametersOf(route.query, "query"),
			...("write" in route ? [idempotencyKey] : []),
		],
		...(body && { requestBody: { required: true, content: { "application/json": { schema: schemaOf(body) } } } }),
		responses: Object.fromEntries(
			Object.entries(statusesOf(route)).map(([status, meaning]) => [
				status,
				Number(status) < 400
					? { description: meaning, content: { "application/json": { schema: schemaOf(route.answer.schema) } } }
					: refusalOf(status, meaning),
			]),
		),
	};
}

const refusalOf = (status: string, description: string): Json => ({
	description,
	...(status === "429" && {
		headers: { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } } },
	}),
	content: { "application/problem+json": { schema: { $ref: refOf("Problem") } } },
});

const idempotencyKey: Json = {
	name: "Idempotency-Key",
	in: "header",
	required: true,
	description: "New for each thing you want done, the same when you ask again.",
	schema: { type: "string", pattern: idempotencyKeyForm.source },
};

function parametersOf(shape: z.ZodObject, where: "path" | "query"): Json[] {
	const { properties = {}, required = [] } = jsonSchemaOf(shape) as {
		properties?: Record<string, Json>;
		required?: string[];
	};
	return Object.entries(properties).map(([name, { description, ...schema }]) => ({
		name,
		in: where,
		required: where === "path" || required.includes(name),
		...(description !== undefined && { description }),
		schema,
	}));
}

function webhookOf(event: (typeof webhookEvents)[number]): Json {
	return {
		post: {
			operationId: `on:${event}`,
			summary: webhookEventWords[event].label,
			description: `${webhookEventWords[event].detail} Signed by Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature.`,
			requestBody: { required: true, content: { "application/json": { schema: jsonSchemaOf(messageSchemas[event]) } } },
			responses: { "2XX": { description: "Taken. Any other answer, and it is told again." } },
		},
	};
}

function schemaOf(schema: z.ZodType): Json {
	const name = Object.keys(named).find((one) => named[one] === schema);
	return name ? { $ref: refOf(name) } : jsonSchemaOf(schema);
}

/** As callers write and read it; answers may gain fields, so none are ruled out. */
function jsonSchemaOf(schema: z.ZodType): Json {
	const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
	return rest;
}

function componentSchemas(): Json {
	const registry = z.registry<{ id: string }>();
	for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
	const { schemas } = z.toJSONSchema(registry, { io: "input", uri: refOf });
	return Object.fromEntries(
		Object.entries(schemas).map(([name, { $schema: _schema, $id: _id, ...schema }]) => [name, schema]),
	);
}
