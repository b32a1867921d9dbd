/** The registry of webhooks: each sees only those of the app or account whose token it is. */
import { and, eq, sql } from "drizzle-orm";
import { sandboxWebhooks } from "@/db/schema";
import { takeIds } from "../context";
import { blockedUntil } from "./delivery";
import type { HookData } from "./news";
import { type Answer, BcError, bodyObject, type Call, type Json, notFound, paged, pagingOf } from "./wire";

type HookRow = typeof sandboxWebhooks.$inferSelect;

/** Those that may be asked for, though a sandbox store has nothing to tell of some; a star at the end stands for all below it. */
const scopes = new Set([
	"store/order/*",
	"store/order/created",
	"store/order/updated",
	"store/order/archived",
	"store/order/statusUpdated",
	"store/order/refund/created",
	"store/product/*",
	"store/product/created",
	"store/product/updated",
	"store/product/deleted",
	"store/product/inventory/updated",
	"store/product/inventory/order/updated",
	"store/sku/*",
	"store/sku/created",
	"store/sku/updated",
	"store/sku/deleted",
	"store/sku/inventory/updated",
	"store/sku/inventory/order/updated",
	"store/channel/*/inventory/product/stock_changed",
	"store/channel/*/inventory/product/low_stock_reached",
	"store/channel/*/inventory/product/out_of_stock_reached",
	"store/channel/*/inventory/product/settings_changed",
	"store/inventory/location/*",
	"store/inventory/location/created",
	"store/inventory/location/updated",
	"store/app/uninstalled",
	"store/hook/deliveryException",
]);

const mostOfOneScope = 10;

const dataOf = (row: HookRow) => row.data as HookData & { usedAt?: number };

async function own(call: Call): Promise<HookRow[]> {
	const rows = await call.ctx.db
		.select()
		.from(sandboxWebhooks)
		.where(eq(sandboxWebhooks.storeId, call.store.id))
		.orderBy(sql`${sandboxWebhooks.id}::numeric`);
	const mine = rows.filter((row) => dataOf(row).clientId === call.caller.clientId);
	return Promise.all(mine.map((row) => sleepIfIdle(call, row)));
}

/** Switched off when it had nothing to deliver for ninety days. */
async function sleepIfIdle(call: Call, row: HookRow): Promise<HookRow> {
	const { usedAt, updatedAt } = dataOf(row);
	const idleMs = call.ctx.now().getTime() - Math.max(usedAt ?? 0, updatedAt);
	if (row.status !== "active" || idleMs < call.settings.hookIdleMs) return row;
	await call.ctx.db.update(sandboxWebhooks).set({ status: "disabled" }).where(isIt(call, row.id));
	return { ...row, status: "disabled" };
}

const isIt = (call: Call, id: string) => and(eq(sandboxWebhooks.storeId, call.store.id), eq(sandboxWebhooks.id, id));

const present = (call: Call, row: HookRow): Json => ({
	id: Number(row.id),
	client_id: dataOf(row).clientId,
	store_hash: call.store.secrets.storeHash,
	scope: row.topic,
	destination: row.url,
	headers: dataOf(row).headers,
	is_active: row.status === "active",
	created_at: Math.floor(row.createdAt.getTime() / 1_000),
	updated_at: Math.floor(dataOf(row).updatedAt / 1_000),
});

export async function listHooks(call: Call): Promise<Answer> {
	const paging = pagingOf(call.query, 250);
	const [scope, destination, active] = ["scope", "destination", "is_active"].map((name) => call.query.get(name));
	const rows = (await own(call)).filter(
		(row) =>
			(!scope || row.topic === scope) &&
			(!destination || row.url === destination) &&
			(!active || (row.status === "active") === (active === "true")),
	);
	const data = rows.slice(paging.offset, paging.offset + paging.limit).map((row) => present(call, row));
	return paged(data, rows.length, paging);
}

async function need(call: Call, id: string): Promise<HookRow> {
	const row = (await own(call)).find((one) => one.id === id);
	if (!row) throw notFound();
	return row;
}

export const getHook = async (call: Call, id: string): Promise<Answer> => ({
	body: { data: present(call, await need(call, id)), meta: {} },
});

type Wish = Pick<HookRow, "topic" | "url" | "status"> & { headers: Record<string, string> | null };

function readWish(call: Call, before: Partial<Wish>): Wish {
	const given = bodyObject(call.body);
	const { scope = before.topic, destination = before.url, is_active = before.status !== "disabled", headers } = given;
	if (typeof scope !== "string" || !scopes.has(scope))
		throw new BcError(422, "Invalid scope(s)", { scope: "The scope is invalid" });
	if (typeof destination !== "string" || !mayBeCalled(call, destination))
		throw new BcError(422, "The destination must be a valid https URL on port 443", {
			destination: "The destination is invalid",
		});
	return {
		topic: scope,
		url: destination,
		status: is_active === false ? "disabled" : "active",
		headers: headers === undefined ? (before.headers ?? null) : (headers as Record<string, string> | null),
	};
}

function mayBeCalled({ settings }: Call, destination: string): boolean {
	try {
		const { protocol, port } = new URL(destination);
		return settings.mayCallPrivate ? /^https?:$/.test(protocol) : protocol === "https:" && port === "";
	} catch {
		return false;
	}
}

function checkRoom(rows: readonly HookRow[], wish: Wish): void {
	const same = rows.filter(({ topic }) => topic === wish.topic);
	if (same.some(({ url }) => url === wish.url))
		throw new BcError(422, "A webhook with this scope and destination already exists");
	if (same.length >= mostOfOneScope)
		throw new BcError(422, `No more than ${mostOfOneScope} webhooks of one scope are allowed`);
}

export async function postHook(call: Call): Promise<Answer> {
	const { ctx, store, caller, settings } = call;
	const wish = readWish(call, {});
	checkRoom(await own(call), wish);
	const [id = 0] = await takeIds(ctx.db, store.id, 1);
	const now = ctx.now();
	const data: HookData = {
		clientId: caller.clientId,
		headers: wish.headers,
		updatedAt: now.getTime(),
		startsAt: now.getTime() + settings.hookStartsAfterMs * ctx.random(),
	};
	const [row] = await ctx.db
		.insert(sandboxWebhooks)
		.values({
			storeId: store.id,
			id: String(id),
			topic: wish.topic,
			url: wish.url,
			secret: caller.clientSecret,
			status: wish.status,
			data,
			createdAt: now,
		})
		.returning();
	if (!row) throw new Error("the webhook was not written");
	return { status: 200, body: { data: present(call, row), meta: {} } };
}

/** Also how one that was switched off is switched on again; its failures are forgotten. */
export async function putHook(call: Call, id: string): Promise<Answer> {
	const before = await need(call, id);
	const wish = readWish(call, { ...before, headers: dataOf(before).headers });
	checkRoom(
		(await own(call)).filter((row) => row.id !== id),
		wish,
	);
	const data = { ...dataOf(before), headers: wish.headers, updatedAt: call.ctx.now().getTime() };
	const [row] = await call.ctx.db
		.update(sandboxWebhooks)
		.set({ topic: wish.topic, url: wish.url, status: wish.status, failures: 0, data })
		.where(isIt(call, id))
		.returning();
	if (!row) throw notFound();
	return { body: { data: present(call, row), meta: {} } };
}

export async function deleteHook(call: Call, id: string): Promise<Answer> {
	const row = await need(call, id);
	await call.ctx.db.delete(sandboxWebhooks).where(isIt(call, id));
	return { body: { data: present(call, row), meta: {} } };
}

/** Which addresses are blocked at the moment, and until when. */
export async function getAdmin(call: Call): Promise<Answer> {
	const rows = await own(call);
	const leftMs = blockedUntil(call.store) - call.ctx.now().getTime();
	const origins = [...new Set(rows.map(({ url }) => new URL(url).origin))];
	return {
		body: {
			data: {
				hooks_list: rows.map((row) => present(call, row)),
				emails: [],
				blocked_domains:
					leftMs > 0
						? origins.map((destination) => ({ destination, time_left: Math.ceil(leftMs / 1_000), reasons: [] }))
						: [],
			},
			meta: {},
		},
	};
}
