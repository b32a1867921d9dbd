/** webhook.*: what a store has events for, and who is told. */
import { sql } from "drizzle-orm";
import { takeIds } from "../context";
import type { WebhookData } from "./news";
import { textOf } from "./stock-api";
import { A2cError, type Answer, badParameter, missing, type StoreCall } from "./wire";

type Row = { id: string; url: string; status: string; data: WebhookData };

const actions: Record<string, string[]> = { product: ["add", "update"], variant: ["update"], order: ["add", "update"] };
const usualParams = "id,entity,action,callback";

const eventsOf = ({ settings }: StoreCall) =>
	settings.events.flatMap((entity) => (actions[entity] ?? []).map((action) => ({ entity, action })));

export async function listEvents(call: StoreCall): Promise<Answer> {
	const events = eventsOf(call).map(({ entity, action }) => ({
		webhook_name: `${entity}.${action}`,
		entity,
		action,
		filterable_fields: {},
	}));
	return { result: { events } };
}

const rowsOf = (call: StoreCall) =>
	call.ctx.db.execute<Row>(sql`
		select id, url, status, data from sandbox.webhooks
		where store_id = ${call.store.id} and data->>'storeKey' = ${call.cart.storeKey} order by length(id), id`);

async function mustFind(call: StoreCall, id: string | null): Promise<Row> {
	if (!id) throw missing("id");
	const row = (await rowsOf(call)).find((one) => one.id === id);
	if (!row) throw new A2cError(112, `Webhook with id ${id} not found`);
	return row;
}

const present = ({ id, url, status, data }: Row) => ({
	id: Number(id),
	label: data.label,
	store_id: "1",
	lang_id: null,
	active: status === "active",
	callback: url,
	fields: data.fields,
	response_fields: data.responseFields,
	created_at: data.createdAt,
	updated_at: data.updatedAt,
	entity: data.entity,
	action: data.action,
	filtering_conditions: null,
});

function selected(call: StoreCall, rows: readonly Row[]): Row[] {
	const { query } = call;
	const ids = query.get("ids")?.split(",");
	return rows.filter(
		(row) =>
			(!query.has("entity") || row.data.entity === query.get("entity")) &&
			(!query.has("action") || row.data.action === query.get("action")) &&
			(!query.has("active") || (row.status === "active") === (query.get("active") === "true")) &&
			(!ids || ids.includes(row.id)),
	);
}

export async function listWebhooks(call: StoreCall): Promise<Answer> {
	const { query } = call;
	const start = Number(query.get("start") ?? 0);
	const count = Number(query.get("count") ?? 10) || 10;
	if (!(count <= 250)) throw badParameter("Parameter 'count' is not valid. Max allowed count=250.");
	const params = (query.get("params") ?? usualParams).split(",").map((name) => name.trim());
	const isWhole = params.includes("force_all");
	const rows = selected(call, await rowsOf(call)).slice(start, start + count);
	return {
		result: {
			webhook: rows.map((row) =>
				Object.fromEntries(Object.entries(present(row)).filter(([name]) => isWhole || params.includes(name))),
			),
		},
	};
}

export async function countWebhooks(call: StoreCall): Promise<Answer> {
	return { result: { webhook_count: selected(call, await rowsOf(call)).length } };
}

export async function createWebhook(call: StoreCall): Promise<Answer> {
	const { ctx, store, body, cart } = call;
	const entity = textOf(body, "entity");
	const action = textOf(body, "action");
	if (!entity) throw missing("entity");
	if (!action) throw missing("action");
	if (!eventsOf(call).some((one) => one.entity === entity && one.action === action))
		throw badParameter(`Webhook for entity '${entity}' and action '${action}' is not supported by this store.`);
	const callback = textOf(body, "callback");
	if (!callback || !URL.canParse(callback)) throw badParameter("Parameter 'callback' is not valid.");
	const [id = 0] = await takeIds(ctx.db, store.id, 1);
	const at = stamp(ctx.now());
	const data: WebhookData = {
		storeKey: cart.storeKey,
		entity,
		action,
		label: textOf(body, "label"),
		fields: textOf(body, "fields") ?? "force_all",
		responseFields: textOf(body, "response_fields"),
		createdAt: at,
		updatedAt: at,
	};
	await ctx.db.execute(sql`
		insert into sandbox.webhooks (store_id, id, topic, url, secret, status, data, created_at)
		values (${store.id}, ${String(id)}, ${`${entity}.${action}`}, ${callback}, '', ${body.active === false ? "disabled" : "active"},
			${JSON.stringify(data)}::jsonb, ${ctx.now().toISOString()}::timestamptz)`);
	return { result: { id } };
}

const stamp = (at: Date) => at.toISOString().slice(0, 19).replace("T", " ");

export async function updateWebhook(call: StoreCall): Promise<Answer> {
	const { ctx, store, body } = call;
	const row = await mustFind(call, textOf(body, "id"));
	const data: WebhookData = {
		...row.data,
		label: textOf(body, "label") ?? row.data.label,
		fields: textOf(body, "fields") ?? row.data.fields,
		responseFields: textOf(body, "response_fields") ?? row.data.responseFields,
		updatedAt: stamp(ctx.now()),
	};
	const status = typeof body.active === "boolean" ? (body.active ? "active" : "disabled") : row.status;
	await ctx.db.execute(sql`
		update sandbox.webhooks set url = ${textOf(body, "callback") ?? row.url}, status = ${status}, data = ${JSON.stringify(data)}::jsonb
		where store_id = ${store.id} and id = ${row.id}`);
	return { result: { updated: "1" } };
}

export async function deleteWebhook(call: StoreCall): Promise<Answer> {
	const row = await mustFind(call, call.query.get("id"));
	await call.ctx.db.execute(sql`delete from sandbox.webhooks where store_id = ${call.store.id} and id = ${row.id}`);
	return { result: { deleted: "1" } };
}
