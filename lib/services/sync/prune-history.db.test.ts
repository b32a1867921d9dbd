/** What outlives its use goes, what is younger or a fact stays, and no table grows for ever by being forgotten. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { keepDays, pruneHistory } from "./prune-history";

let database: TestDatabase;
let merchantId: string;
let channelId: string;
let userId: string;
let endpointId: string;
beforeAll(async () => {
	database = await testDatabase();
	const merchant = await makeMerchant(database);
	merchantId = merchant.merchantId;
	channelId = await makeChannel(database, merchant);
	const skuId = await makeSku(database, merchant, "LAMP", 5);
	await makeListing(database, merchant, channelId, "lamp", { skuId });
	const [user] = await database.ownerClient<
		{ id: string }[]
	>`insert into users (email) values ('mara@example.com') returning id`;
	userId = user?.id ?? "";
	const [endpoint] = await database.ownerClient<{ id: string }[]>`
		insert into webhook_endpoints (merchant_id, url, events, sealed_secret, created_by)
		values (${merchantId}, 'https://erp.example.com', '{level.changed}', '', ${userId}) returning id`;
	endpointId = endpoint?.id ?? "";
});
afterAll(() => database.close());

type Row = Record<string, unknown>;
const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

/** A row of each prunable table, as it is `days` after its time, and the kind by which it is kept. */
const rows: Record<string, { kind: keyof typeof keepDays; make: (at: string) => Row }> = {
	inbox: {
		kind: "mail",
		make: (at) => ({
			merchant_id: merchantId,
			channel_id: channelId,
			source: "webhook",
			topic: "t",
			dedupe_key: randomUUID(),
			body: "",
			state: 1,
			received_at: at,
		}),
	},
	sync_log: { kind: "log", make: (at) => ({ merchant_id: merchantId, kind: "mail.dead", state: "warn", at }) },
	log_minutes: {
		kind: "log",
		make: (minute) => ({ merchant_id: merchantId, minute, counts: "[]", lags: "{}" }),
	},
	channel_minutes: { kind: "log", make: (minute) => ({ merchant_id: merchantId, channel_id: channelId, minute }) },
	channel_jobs: {
		kind: "log",
		make: (at) => ({ merchant_id: merchantId, channel_id: channelId, kind: "import", state: "done", finished_at: at }),
	},
	exposure_hours: { kind: "log", make: (hour) => ({ merchant_id: merchantId, hour, unit_seconds: 1 }) },
	push_items: {
		kind: "pushes",
		make: (at) => ({
			push_id: randomUUID(),
			slot_id: 1,
			merchant_id: merchantId,
			channel_id: channelId,
			sku_id: randomUUID(),
			kind: "set",
			quantity: 1,
			expected: 2,
			sku_version: 1,
			at,
		}),
	},
	pushes: {
		kind: "pushes",
		make: (at) => ({ merchant_id: merchantId, channel_id: channelId, items: 1, outcome: "applied", claimed_at: at }),
	},
	conflicts: {
		kind: "decisions",
		make: (at) => ({
			merchant_id: merchantId,
			kind: "drift",
			state: "decided",
			dedupe_key: randomUUID(),
			decided_at: at,
		}),
	},
	order_cancels: {
		kind: "decisions",
		make: (at) => ({
			merchant_id: merchantId,
			channel_id: channelId,
			order_ref: randomUUID(),
			order_number: "#1042",
			conflict_id: randomUUID(),
			actor: "test",
			state: "done",
			next_try_at: at,
			settled_at: at,
		}),
	},
	mapping_batches: {
		kind: "decisions",
		make: (at) => ({ merchant_id: merchantId, actor: "test", sentence: "Linked", changes: "[]", at }),
	},
	reservations: {
		kind: "decisions",
		make: (at) => ({
			merchant_id: merchantId,
			state: "released",
			lines: "[]",
			actor: "test",
			expires_at: at,
			ended_at: at,
		}),
	},
	webhook_messages: {
		kind: "mail",
		make: (at) => ({
			merchant_id: merchantId,
			endpoint_id: endpointId,
			event: "level.changed",
			data: "{}",
			next_try_at: at,
			created_at: at,
		}),
	},
	webhook_days: { kind: "decisions", make: (day) => ({ merchant_id: merchantId, channel_id: channelId, day }) },
	api_requests: {
		kind: "requests",
		make: (at) => ({
			merchant_id: merchantId,
			api_key_id: randomUUID(),
			idempotency_key: "once",
			fingerprint: "f",
			status: 200,
			answer: "{}",
			created_at: at,
		}),
	},
	connect_attempts: {
		kind: "visits",
		make: (at) => ({
			merchant_id: merchantId,
			platform: "shopify",
			base_url: "https://shop.example.com",
			is_sandbox: false,
			actor: "test",
			token_hash: randomUUID(),
			expires_at: at,
		}),
	},
	invites: {
		kind: "visits",
		make: (at) => ({
			merchant_id: merchantId,
			email: "ben@example.com",
			role: "viewer",
			token_hash: randomUUID(),
			invited_by: userId,
			expires_at: at,
		}),
	},
	sign_in_links: { kind: "visits", make: (at) => ({ token_hash: randomUUID(), user_id: userId, expires_at: at }) },
	verification_tokens: { kind: "visits", make: (at) => ({ identifier: "a", token: randomUUID(), expires: at }) },
	sessions: { kind: "visits", make: (at) => ({ session_token: randomUUID(), user_id: userId, expires: at }) },
	rate_limits: { kind: "attempts", make: (at) => ({ key: randomUUID(), window_started_at: at, attempts: 1 }) },
};

/** Facts and settings: as many as there are orders, SKUs, channels and people, and needed for as long as those are. */
const kept = [
	"accounts",
	"api_keys",
	"audit_log",
	"channel_health",
	"channels",
	// One row a merchant, made anew.
	"comparisons",
	"credentials",
	// A day of it, which moves with the clock.
	"exposures",
	"levels",
	"listing_refs",
	"listings",
	"locations",
	"mappings",
	"memberships",
	"merchants",
	"movements",
	"order_lines",
	"orders",
	"pools",
	"proposals",
	// Gone with their reservation.
	"reservation_lines",
	"sku_components",
	"skus",
	"slots",
	"user_credentials",
	"users",
	// Gone with their message.
	"webhook_attempts",
	"webhook_endpoints",
];

const insert = async (table: string, row: Row) => {
	const sql = database.ownerClient;
	const ctid = await sql`insert into ${sql(table)} ${sql(row)} returning ctid`;
	expect(ctid).toHaveLength(1);
};
const count = async (table: string) => {
	const sql = database.ownerClient;
	return (await sql<{ n: number }[]>`select count(*)::int as n from ${sql(table)}`)[0]?.n;
};

it("every table is either pruned by time or kept for a reason", async () => {
	const tables = await database.ownerClient<{ name: string }[]>`
		select tablename as name from pg_tables where schemaname = 'public' order by 1`;
	expect(tables.map(({ name }) => name)).toEqual([...Object.keys(rows), ...kept].sort());
	const prunable = await database.ownerClient<{ name: string }[]>`select name from prunable() order by 1`;
	expect(prunable.map(({ name }) => name)).toEqual(Object.keys(rows).sort());
});

it.each(Object.keys(rows))("%s goes when it is older than it is kept for, and not a day earlier", async (table) => {
	const { kind, make } = rows[table] as (typeof rows)[string];
	await insert(table, make(ago(keepDays[kind] - 1)));
	await insert(table, make(ago(keepDays[kind] + 2)));
	const before = await count(table);
	expect(await pruneHistory()).toBe(1);
	expect(await count(table)).toBe((before ?? 0) - 1);
	expect(await pruneHistory()).toBe(0);
});

it("mail that nobody has applied, conflicts that nobody has settled and pushes under way stay, however old", async () => {
	const old = ago(1_000);
	const waiting: [string, Row][] = [
		["inbox", { ...rows.inbox?.make(old), state: 0 }],
		["conflicts", { ...rows.conflicts?.make(old), state: "open", created_at: old }],
		["pushes", { ...rows.pushes?.make(old), outcome: "pending" }],
		["reservations", { ...rows.reservations?.make(old), state: "open", ended_at: null }],
		["channel_jobs", { ...rows.channel_jobs?.make(old), state: "running", finished_at: null, started_at: old }],
	];
	for (const [table, row] of waiting) await insert(table, row);
	expect(await pruneHistory()).toBe(0);
});

it("movements and the audit log stay, however old", async () => {
	const sql = database.ownerClient;
	await sql`update movements set at = now() - interval '10 years'`;
	await sql`insert into audit_log (merchant_id, actor, action, at) values (${merchantId}, 'test', 'sign.in', now() - interval '10 years')`;
	expect(await pruneHistory()).toBe(0);
	expect([await count("movements"), await count("audit_log")]).toEqual([1, 1]);
});

it("a year's backlog goes in bites, to the last row", async () => {
	await database.ownerClient`
		insert into sync_log (merchant_id, kind, state, at)
		select ${merchantId}, 'mail.dead', 'warn', now() - interval '200 days' from generate_series(1, 25000)`;
	const bites: number[] = [];
	do bites.push(await pruneHistory());
	while (bites.at(-1) !== 0);
	expect(bites).toEqual([10_000, 10_000, 5_000, 0]);
});

it("the application itself may throw nothing of it away", async () => {
	const app = database.client("app");
	await expect(app`select prune_history('{}', 10)`).rejects.toMatchObject({ code: "42501" });
});
