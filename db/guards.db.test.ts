import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { TransactionSql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchant } from "./client";
import { migrateDatabase } from "./migrate";
import { type DbRole, dbRoles } from "./roles";
import { type TestDatabase, testDatabase } from "./testing";

let database: TestDatabase;
let ours: string;
let theirs: string;
let ourSku: string;

/** Every table of `public`, and whether its rows belong to a merchant. */
let tables: { name: string; hasMerchant: boolean }[];
const merchantTables = () => tables.filter((table) => table.hasMerchant).map((table) => table.name);

beforeAll(async () => {
	database = await testDatabase();
	[ours, theirs] = [await makeMerchant("ours"), await makeMerchant("theirs")];
	const [sku] = await database.ownerClient`
		insert into skus (merchant_id, code, title) values (${ours}, 'MUG-1', 'Mug') returning id`;
	ourSku = sku?.id;
	tables = await database.ownerClient`
		select c.relname as name, exists (
			select from pg_attribute a where a.attrelid = c.oid and a.attname = 'merchant_id' and not a.attisdropped
		) as "hasMerchant"
		from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`;
});
afterAll(() => database.close());

async function makeMerchant(slug: string): Promise<string> {
	const [row] = await database.ownerClient`insert into merchants (name, slug) values (${slug}, ${slug}) returning id`;
	return row?.id;
}

const denied = { code: "42501" };
/** The driver's error, which drizzle wraps. */
const failure = (work: Promise<unknown>) =>
	work.then(
		() => null,
		(error) => ({ code: (error.cause ?? error).code as string }),
	);

/** On the whole table or on any column of it. */
async function can(role: DbRole, table: string, privilege: string): Promise<boolean> {
	const check = ["DELETE", "TRUNCATE"].includes(privilege) ? "has_table_privilege" : "has_any_column_privilege";
	const [row] = await database.ownerClient.unsafe(`select ${check}($1, $2, $3) as yes`, [
		dbRoles[role],
		table.includes(".") ? table : `public.${table}`,
		privilege,
	]);
	return row?.yes;
}
const everyRole = Object.keys(dbRoles) as DbRole[];

describe("connections", () => {
	it("act as their role from the start, also after the server cut them off", async () => {
		// Its own database: the driver reports the cut once more, on a later query of the same connection.
		const separate = await testDatabase();
		for (const [role, name] of Object.entries(dbRoles)) {
			const client = separate.client(role as DbRole);
			const whoAmI = async () => (await client`select current_user as name, pg_backend_pid() as pid`)[0];
			const before = await whoAmI();
			expect(before?.name).toBe(name);
			await separate.ownerClient`
				select pg_terminate_backend(pid) from pg_stat_activity
				where datname = current_database() and application_name = ${`onecount-${role}`}`;
			let after: typeof before;
			await expect
				.poll(async () => {
					after = await whoAmI().catch(() => undefined);
					return after;
				})
				.toBeDefined();
			expect(after?.pid).not.toBe(before?.pid);
			expect(after?.name).toBe(name);
		}
		await separate.close();
	});

	it("are of roles that own nothing and cannot step around row-level security", async () => {
		const names = Object.values(dbRoles);
		const roles = await database.ownerClient`
			select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin,
				(select count(*)::int from pg_class where relowner = r.oid) as owned
			from pg_roles r where rolname in ${database.ownerClient(names)}`;
		expect(roles).toHaveLength(names.length);
		for (const role of roles)
			expect(role).toMatchObject({
				rolsuper: false,
				rolbypassrls: false,
				rolcreaterole: false,
				rolcanlogin: false,
				owned: 0,
			});
	});
});

describe("a merchant's rows (R9)", () => {
	it("are guarded by forced row-level security and the merchant's policy in every table", async () => {
		expect(merchantTables().length).toBeGreaterThan(20);
		const guarded = await database.ownerClient<{ name: string; qual: string; check: string }[]>`
			select c.relname as name, p.qual, p.with_check as check
			from pg_class c join pg_policies p on p.schemaname = 'public' and p.tablename = c.relname
			where c.relnamespace = 'public'::regnamespace and c.relrowsecurity and c.relforcerowsecurity
				and p.policyname = 'merchant_rows' and p.cmd = 'ALL' and p.roles = '{onecount_app}'`;
		const byName = new Map(guarded.map((row) => [row.name, row]));
		for (const name of merchantTables()) {
			const policy = byName.get(name);
			expect(policy, name).toBeDefined();
			expect(policy?.qual, name).toContain("merchant_id = ");
			expect(policy?.qual, name).toContain("onecount.merchant_id");
			expect(policy?.check, name).toBe(policy?.qual);
		}
	});

	it("have no second policy that would let the application see more", async () => {
		const policies = await database.ownerClient`
			select tablename as table, policyname as policy from pg_policies
			where schemaname = 'public' and ('onecount_app' = any(roles) or 'public' = any(roles))
				and policyname <> 'merchant_rows'`;
		expect(policies).toEqual([{ table: "users", policy: "colleagues" }]);
	});

	it("are out of reach while no merchant is acting: nothing is read, nothing is written", async () => {
		const app = database.client("app");
		for (const name of merchantTables()) {
			const [row] = await app`select count(*)::int as seen from ${app(name)}`;
			expect(row?.seen, name).toBe(0);
		}
		expect(await app`select * from merchants`).toHaveLength(0);
		expect(
			await failure(app`insert into skus (merchant_id, code, title) values (${ours}, 'MUG-2', 'Mug')`),
		).toMatchObject(denied);
		expect((await app`update skus set title = 'changed'`).count).toBe(0);
		expect((await app`delete from skus`).count).toBe(0);
	});

	it("are out of reach of another merchant, with the where-clause left out", async () => {
		const app = database.db("app");
		await asMerchant(app, theirs, async (tx) => {
			expect(await tx.execute(sql`select * from skus`)).toHaveLength(0);
			expect((await tx.execute(sql`update skus set title = 'changed'`)).count).toBe(0);
			expect((await tx.execute(sql`delete from skus`)).count).toBe(0);
			expect(await tx.execute(sql`select id from merchants`)).toEqual([{ id: theirs }]);
		});
		const plant = asMerchant(app, theirs, (tx) =>
			tx.execute(sql`insert into skus (merchant_id, code, title) values (${ours}, 'MUG-2', 'Mug')`),
		);
		expect(await failure(plant)).toMatchObject(denied);
		const move = asMerchant(app, ours, (tx) => tx.execute(sql`update skus set merchant_id = ${theirs}`));
		expect(await failure(move)).toMatchObject(denied);
		expect(await asMerchant(app, ours, (tx) => tx.execute(sql`select id, title from skus`))).toEqual([
			{ id: ourSku, title: "Mug" },
		]);
	});

	it("are forgotten with the transaction: the next one on that connection sees nothing", async () => {
		const app = database.db("app");
		await asMerchant(app, ours, (tx) => tx.execute(sql`select 1`));
		await failure(asMerchant(app, ours, () => Promise.reject(new Error("rolled back"))));
		const seen = await Promise.all(
			Array.from({ length: 20 }, () => app.execute(sql`select count(*)::int as n from skus`)),
		);
		expect(seen.every(([row]) => row?.n === 0)).toBe(true);
	});

	it("do not leak through colleagues' names: only members of the acting merchant are seen", async () => {
		const person = async (merchantId: string) => {
			const [user] = await database.ownerClient`
				insert into users (name, email) values ('Someone', ${`${randomUUID()}@example.com`}) returning id`;
			await database.ownerClient`
				insert into memberships (merchant_id, user_id, role) values (${merchantId}, ${user?.id}, 'viewer')`;
			return user?.id as string;
		};
		const colleague = await person(ours);
		await person(theirs);
		const app = database.db("app");
		const seen = await asMerchant(app, ours, (tx) => tx.execute(sql`select id from users`));
		expect(seen).toEqual([{ id: colleague }]);
		expect(await app.execute(sql`select id from users`)).toHaveLength(0);
	});
});

describe("what is not granted is denied", () => {
	const change = (statement: (tx: TransactionSql) => Promise<unknown>) =>
		failure(
			database.client("app").begin(async (tx) => {
				await tx`select set_config('onecount.merchant_id', ${ours}, true)`;
				await statement(tx);
			}),
		);

	it.each(["movements", "sync_log", "audit_log"])("facts in %s are added, never changed", async (table) => {
		expect(await can("app", table, "INSERT")).toBe(true);
		for (const role of everyRole)
			for (const privilege of ["UPDATE", "DELETE", "TRUNCATE"])
				expect(await can(role, table, privilege), `${role} ${privilege}`).toBe(false);
		expect(await change((tx) => tx`update ${tx(table)} set merchant_id = merchant_id`)).toMatchObject(denied);
		expect(await change((tx) => tx`delete from ${tx(table)}`)).toMatchObject(denied);
	});

	it("mail keeps its bytes: only its state may change, and nobody throws it away (R2)", async () => {
		expect(await change((tx) => tx`update inbox set state = 1, applied_at = now()`)).toBeNull();
		expect(await change((tx) => tx`update inbox set body = ''`)).toMatchObject(denied);
		expect(await change((tx) => tx`update inbox set dedupe_key = 'again'`)).toMatchObject(denied);
		expect(await change((tx) => tx`delete from inbox`)).toMatchObject(denied);
		expect(await can("writer", "inbox", "UPDATE")).toBe(false);
		expect(await can("writer", "inbox", "DELETE")).toBe(false);
	});

	it.each(["engine", "sandbox"] as const)("the %s cannot touch a table of ours", async (role) => {
		for (const { name } of tables)
			for (const privilege of ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES"])
				expect(await can(role, name, privilege), `${name} ${privilege}`).toBe(false);
		expect(await failure(database.client(role)`select * from skus`)).toMatchObject(denied);
	});

	it("the engine's and the sandbox's tables are closed to each other, and to everyone else", async () => {
		const foreign = await database.ownerClient<{ schema: "engine" | "sandbox"; name: string }[]>`
			select schemaname as schema, tablename as name from pg_tables where schemaname in ('engine', 'sandbox')`;
		expect(foreign.length).toBeGreaterThan(5);
		for (const { schema, name } of foreign)
			for (const role of everyRole)
				for (const privilege of ["SELECT", "INSERT", "UPDATE", "DELETE"])
					expect(await can(role, `${schema}.${name}`, privilege), `${role} ${privilege} ${schema}.${name}`).toBe(
						role === schema,
					);
	});

	it("passwords, sessions and links are seen by sign-in alone", async () => {
		for (const table of ["user_credentials", "accounts", "sessions", "verification_tokens", "sign_in_links"])
			for (const role of everyRole) expect(await can(role, table, "SELECT"), `${role} ${table}`).toBe(role === "auth");
	});

	it("a table without a merchant is closed to the application, but for its own merchant and colleagues' names", async () => {
		const open: string[] = [];
		for (const { name, hasMerchant } of tables) if (!hasMerchant && (await can("app", name, "SELECT"))) open.push(name);
		expect(open).toEqual(["merchants", "users"]);
	});

	it("a table that is made later is guarded by the next migration, whoever runs it, and twice at once", async () => {
		await database.ownerClient.unsafe(
			"create table later (id int, merchant_id uuid not null); insert into later values (1, gen_random_uuid()); delete from drizzle.guards;",
		);
		await Promise.all([migrateDatabase(database.url), migrateDatabase(database.url)]);
		expect(await can("app", "later", "SELECT")).toBe(true);
		expect(await database.client("app")`select * from later`).toHaveLength(0);
		expect(await can("engine", "later", "SELECT")).toBe(false);
	});
});
