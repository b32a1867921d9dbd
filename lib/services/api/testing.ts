/** The public API as a caller of it has it, for tests: every answer is held against the route's contract. */
import { randomUUID } from "node:crypto";
import { afterAll } from "vitest";
import type { TestDatabase } from "@/db/testing";
import { databaseForTests } from "@/db/testing-hooks";
import { type ApiScope, apiScopes } from "@/lib/format/api-scopes";
import { closeNotifiers } from "@/lib/live/notify";
import { mintKey } from "../api-keys/key-secret";
import { type FixtureMerchant, makeMerchant } from "../testing/fixtures";
import { apiRoot } from "./api-root";
import { findRoute, handleApi } from "./handle-api";
import { statusesOf } from "./openapi";
import { problemSchema } from "./problem";

export type Asked = {
	body?: unknown;
	/** Null: none is sent. Left out: a new one. */
	once?: string | null;
	headers?: Record<string, string>;
};
// biome-ignore lint/suspicious/noExplicitAny: what a caller has parsed
export type Got = { status: number; body: any; headers: Headers; text: string };

export type Caller = {
	merchant: FixtureMerchant;
	keyId: string;
	call: (method: string, path: string, asked?: Asked) => Promise<Got>;
};

/** A database for the tests of a file, whose calls wake readers of its log. */
export function apiDatabaseForTests(): TestDatabase {
	const database = databaseForTests();
	afterAll(() => closeNotifiers(database.url));
	return database;
}

export async function makeCaller(
	database: TestDatabase,
	more: { merchant?: FixtureMerchant; scopes?: readonly ApiScope[] } = {},
): Promise<Caller> {
	const merchant = more.merchant ?? (await makeMerchant(database));
	const { key, prefix, keyHash } = mintKey();
	const keyId = randomUUID();
	await database.ownerClient`
		insert into api_keys (id, merchant_id, name, prefix, key_hash, scopes, created_by)
		values (${keyId}, ${merchant.merchantId}, 'ERP', ${prefix}, ${keyHash}, ${[...(more.scopes ?? apiScopes)]}, ${randomUUID()})`;
	return { merchant, keyId, call: (method, path, asked) => callApi(method, path, asked, `Bearer ${key}`) };
}

export async function callApi(
	method: string,
	path: string,
	{ body, once = randomUUID(), headers = {} }: Asked = {},
	authorization?: string,
): Promise<Got> {
	const response = await handleApi(
		new Request(`http://onecount.test${apiRoot}${path}`, {
			method,
			headers: {
				...(authorization && { authorization }),
				...(once !== null && { "idempotency-key": once }),
				...headers,
			},
			...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
		}),
	);
	const text = await response.text();
	const got: Got = { status: response.status, body: JSON.parse(text), headers: response.headers, text };
	holdAgainstContract(method, path, got);
	return got;
}

/** Throws where an answer is not what its contract says, a field too many included. */
function holdAgainstContract(method: string, path: string, { status, body, headers }: Got): void {
	if (status >= 400) {
		problemSchema.parse(body);
		if (headers.get("content-type") !== "application/problem+json" || body.status !== status)
			throw new Error(`${method} ${path}: a refusal that is no problem+json`);
		if (!/^[A-Z].*[.?]$/.test(body.detail)) throw new Error(`${method} ${path}: "${body.detail}" is no sentence`);
	}
	if (status === 405 || body.reason === "no_such_path") return;
	const { route } = findRoute(method, path.replace(/\?.*/, ""));
	if (!(status in statusesOf(route))) throw new Error(`${route.operationId} answered ${status}, which it does not say`);
	if (status >= 400) return;
	const declared = JSON.stringify(sorted(route.answer.schema.parse(body)));
	if (declared !== JSON.stringify(sorted(body)))
		throw new Error(`${route.operationId} answers more than it says: ${JSON.stringify(body)}`);
}

/** A request to each route that its contract takes, of things that are there: a SKU of seven, and a reservation. */
export function samplesOf(
	merchant: FixtureMerchant,
	code: string,
	reservationId: string,
): Record<string, { path: string; body?: unknown }> {
	const sku = `/skus/${encodeURIComponent(code)}`;
	const level = `${sku}/levels/${merchant.locationId}`;
	return {
		listLocations: { path: "/locations" },
		listSkus: { path: "/skus" },
		readSku: { path: sku },
		setOnHand: { path: level, body: { onHand: 1, seen: { onHand: 7 } } },
		adjustOnHand: { path: `${level}/adjustments`, body: { delta: 1, reason: "x" } },
		setComponents: { path: `${sku}/components`, body: { components: [] } },
		reserve: { path: "/reservations", body: { lines: [{ sku: code, quantity: 1 }] } },
		readReservation: { path: `/reservations/${reservationId}` },
		confirmReservation: { path: `/reservations/${reservationId}/confirm` },
		releaseReservation: { path: `/reservations/${reservationId}/release` },
	};
}

function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(
		Object.entries(value)
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([name, one]) => [name, sorted(one)]),
	);
}
