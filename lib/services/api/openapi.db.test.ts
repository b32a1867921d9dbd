/** The description is the API: every route and status in it is there, and real answers are what it says. */
import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { webhookEvents } from "@/lib/format/webhook-events";
import { keyLimit } from "../api-keys/find-key";
import { makeSku } from "../testing/fixtures";
import { apiRoot } from "./api-root";
import { handleApi, largestBodyBytes } from "./handle-api";
import { describeApi } from "./openapi";
import { routes } from "./routes";
import { apiDatabaseForTests, type Caller, callApi, type Got, makeCaller, samplesOf } from "./testing";

type Operation = {
	operationId: string;
	parameters: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[];
	responses: Record<string, { content: Record<string, { schema: Record<string, unknown> }> }>;
};
type Description = {
	openapi: string;
	paths: Record<string, Record<string, Operation>>;
	webhooks: Record<string, unknown>;
	components: { schemas: Record<string, unknown> };
};
const description = describeApi() as Description;
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);
const idempotencyKey = operations
	.flatMap(({ parameters }) => parameters)
	.find(({ name }) => name === "Idempotency-Key");
const promised = operations.flatMap((operation) =>
	Object.keys(operation.responses).map((status) => ({ ...operation, status: Number(status) })),
);
type Promised = (typeof promised)[number];

const database = apiDatabaseForTests();
let caller: Caller;
let samples: ReturnType<typeof samplesOf>;
beforeEach(async () => {
	caller = await makeCaller(database);
	await makeSku(database, caller.merchant, "MUG", 7);
	const held = await caller.call("POST", "/reservations", { body: { lines: [{ sku: "MUG", quantity: 1 }] } });
	samples = samplesOf(caller.merchant, "MUG", held.body.id);
});

/** A request that gets this very answer. */
async function provoke({ method, operationId, status }: Promised): Promise<Got> {
	const { path, body } = samples[operationId] as { path: string; body?: unknown };
	const once = randomUUID();
	switch (status) {
		case 400:
			return caller.call(method, path, { body, once: null });
		case 401:
			return callApi(method, path, { body });
		case 403:
			return (await makeCaller(database, { merchant: caller.merchant, scopes: [] })).call(method, path, { body });
		case 404:
			return (await makeCaller(database)).call(method, path, { body });
		case 409:
			return database.ownerClient.begin(async (tx) => {
				await tx`select pg_advisory_xact_lock(hashtextextended(${`api:${caller.keyId}:${once}`}, 0))`;
				return caller.call(method, path, { body, once });
			}) as Promise<Got>;
		case 413:
			return caller.call(method, path, { body: " ".repeat(largestBodyBytes + 1) });
		case 422:
			if (method === "GET") return caller.call(method, operationId === "readSku" ? "/skus/%00" : `${path}?limit=0`);
			await caller.call("POST", `/skus/MUG/levels/${caller.merchant.locationId}/adjustments`, {
				body: { delta: 2, reason: "something else" },
				once,
			});
			return caller.call(method, path, { body, once });
		case 429:
			await database.ownerClient`update rate_limits set attempts = ${keyLimit.attempts} where key = ${`api:${caller.keyId}`}`;
			return caller.call(method, path, { body });
		default:
			return caller.call(method, path, { body });
	}
}

/** The description's own schema of an answer, as a check. */
function checkOf(schema: Record<string, unknown>): z.ZodType {
	const whole = JSON.stringify({ ...schema, $defs: description.components.schemas });
	return z.fromJSONSchema(JSON.parse(whole.replaceAll("#/components/schemas/", "#/$defs/")));
}

describe("what the description promises", () => {
	it.each(promised)("$operationId answers $status, and as it says", async (one) => {
		const got = await provoke(one);
		expect(got.status).toBe(one.status);
		const [[type, { schema }] = ["", { schema: {} }]] = Object.entries(one.responses[one.status]?.content ?? {});
		expect(got.headers.get("content-type")).toBe(type);
		expect(checkOf(schema).safeParse(got.body).error).toBeUndefined();
	});

	it("can be broken: an answer that is otherwise is found out", async () => {
		const { schema } = operations.find(({ operationId }) => operationId === "readSku")?.responses["200"]?.content[
			"application/json"
		] ?? { schema: {} };
		const { body } = await caller.call("GET", "/skus/MUG");
		for (const wrong of [
			{ ...body, levels: null },
			{ ...body, code: 7 },
			{ ...body, levels: [{ onHand: 1 }] },
		])
			expect(checkOf(schema).safeParse(wrong).success).toBe(false);
	});
});

describe("the description", () => {
	it("is served without a key, and holds every route", async () => {
		const response = await handleApi(new Request(`http://onecount.test${apiRoot}/openapi.json`));
		expect(response.status).toBe(200);
		expect(await response.json()).toEqual(JSON.parse(JSON.stringify(description)));
		expect(operations.map(({ method, path }) => `${method} ${path}`)).toEqual(
			routes.map(({ method, path }) => `${method} ${path}`),
		);
		expect(Object.keys(samples)).toEqual(routes.map(({ operationId }) => operationId));
		expect(description.openapi).toBe("3.1.0");
	});

	it("names each operation once, each path's parameters, and nothing that is not there", () => {
		expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
		for (const { path, parameters } of operations) {
			const inPath = parameters.filter((one) => one.in === "path").map(({ name }) => name);
			expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
			expect(parameters.filter((one) => one.in === "path").every(({ required }) => required)).toBe(true);
		}
		const refs = [...JSON.stringify(description).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
		expect(refs.length).toBeGreaterThan(20);
		const names = Object.keys(description.components.schemas).map((name) => `#/components/schemas/${name}`);
		expect(refs.filter((ref) => !names.includes(ref ?? ""))).toEqual([]);
	});

	it("says which Idempotency-Keys are taken: those, and no others", async () => {
		const { path, body } = samples.adjustOnHand as { path: string; body: unknown };
		for (const [once, isTaken] of [
			["cart-1", true],
			["~".repeat(255), true],
			["~".repeat(256), false],
			["cart 1", false],
			["cärt", false],
		] as const) {
			const got = await caller.call("POST", path, { body, once });
			expect([once, got.status]).toEqual([once, isTaken ? 200 : 400]);
			expect([once, z.fromJSONSchema(idempotencyKey?.schema ?? {}).safeParse(once).success]).toEqual([once, isTaken]);
		}
	});

	it("holds what an endpoint is told", () => {
		expect(Object.keys(description.webhooks)).toEqual([...webhookEvents]);
	});
});
