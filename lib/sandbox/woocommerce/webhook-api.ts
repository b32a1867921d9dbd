/** /webhooks, and the ping that making one sends. */
import { randomBytes } from "node:crypto";
import { eq, type SQL, sql } from "drizzle-orm";
import { request as undiciRequest } from "undici";
import { sandboxWebhooks } from "@/db/schema";
import { takeIds } from "../context";
import { demand } from "./keys";
import { hookshot, isBlocked } from "./outbound";
import { isTrue, listParam, pageHeaders, readPaging, textParam } from "./params";
import { bothTimes } from "./times";
import { type Answer, type Call, linksOf, restUrl, WpError } from "./wire";

type Row = typeof sandboxWebhooks.$inferSelect;
/** `isPingDue`: the first ping did not arrive, and is tried again with the next change. */
type Data = { name: string; modifiedAt: string | null; isPingDue: boolean };

/** Topic → the actions of WordPress that it listens to. */
const hooks: Record<string, string[]> = {
	"order.created": ["woocommerce_new_order"],
	"order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
	"order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
	"order.restored": ["untrashed_post", "woocommerce_untrash_order"],
	"product.created": [
		"woocommerce_process_product_meta",
		"woocommerce_new_product",
		"woocommerce_new_product_variation",
	],
	"product.updated": [
		"woocommerce_process_product_meta",
		"woocommerce_update_product",
		"woocommerce_update_product_variation",
	],
	"product.deleted": ["wp_trash_post"],
	"product.restored": ["untrashed_post"],
	"coupon.created": ["woocommerce_process_shop_coupon_meta", "woocommerce_new_coupon"],
	"coupon.updated": ["woocommerce_process_shop_coupon_meta", "woocommerce_update_coupon"],
	"coupon.deleted": ["wp_trash_post"],
	"coupon.restored": ["untrashed_post"],
	"customer.created": ["user_register", "woocommerce_created_customer", "woocommerce_new_customer"],
	"customer.updated": ["profile_update", "woocommerce_update_customer"],
	"customer.deleted": ["delete_user"],
};

function present(call: Call, row: Row): Record<string, unknown> {
	const data = row.data as Data;
	const [resource = "", event = ""] = row.topic.split(".");
	return {
		id: Number(row.id),
		name: data.name,
		status: row.status,
		topic: row.topic,
		resource,
		event,
		hooks: hooks[row.topic] ?? [],
		delivery_url: row.url,
		...bothTimes("date_created", row.createdAt, call.settings.timezone),
		...bothTimes("date_modified", data.modifiedAt ? new Date(data.modifiedAt) : null, call.settings.timezone),
		_links: linksOf(call, `/wc/v3/webhooks/${row.id}`, "/wc/v3/webhooks"),
	};
}

export async function listWebhooks(call: Call): Promise<Answer> {
	demand(call.caller, "list");
	const paging = readPaging(call, ["date", "id", "title"]);
	const [status = "all"] = listParam(call, "status") ?? [];
	const where = sql`${eq(sandboxWebhooks.storeId, call.store.id)} and (${status} = 'all' or ${sandboxWebhooks.status} = ${status})`;
	const way = paging.order === "asc" ? sql`asc` : sql`desc`;
	const rows = await call.ctx.db
		.select()
		.from(sandboxWebhooks)
		.where(where)
		.orderBy(sql`length(${sandboxWebhooks.id}) ${way}, ${sandboxWebhooks.id} ${way}`)
		.limit(paging.limit)
		.offset(paging.offset);
	const total = await call.ctx.db.$count(sandboxWebhooks, where);
	return {
		headers: { ...pageHeaders(call, total, paging) },
		body: rows.map((row) => present(call, row)),
	};
}

async function mustFind(call: Call, id: string): Promise<Row> {
	const [row] = await call.ctx.db.select().from(sandboxWebhooks).where(byId(call, id));
	if (!row) throw new WpError("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 404);
	return row;
}

const byId = (call: Call, id: string): SQL =>
	sql`${eq(sandboxWebhooks.storeId, call.store.id)} and ${eq(sandboxWebhooks.id, id)}`;

export async function getWebhook(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "view");
	return { body: present(call, await mustFind(call, id)) };
}

function checkTopic(topic: string): void {
	if (!hooks[topic] && !/^action\.\w+$/.test(topic))
		throw new WpError(
			"woocommerce_rest_shop_webhook_invalid_topic",
			"Webhook topic is required and must be valid.",
			400,
		);
}

function checkUrl(url: string): void {
	if (!/^https?:\/\/[^\s/]+/i.test(url) || !URL.canParse(url))
		throw new WpError(
			"woocommerce_rest_shop_webhook_invalid_delivery_url",
			"Webhook delivery URL must be a valid URL starting with http:// or https://.",
			400,
		);
}

/** 201 and "active" even where the ping could not arrive. The secret is never shown; one that was left out nobody can read. */
export async function postWebhook(call: Call): Promise<Answer> {
	demand(call.caller, "create");
	const { ctx, store, params } = call;
	const topic = textParam(params.topic);
	const url = textParam(params.delivery_url);
	checkTopic(topic);
	checkUrl(url);
	const [id = 0] = await takeIds(ctx.db, store.id, 1);
	const data: Data = { name: textParam(params.name) || topic, modifiedAt: null, isPingDue: false };
	const [row] = await ctx.db
		.insert(sandboxWebhooks)
		.values({
			storeId: store.id,
			id: String(id),
			topic,
			url,
			secret: decodeEntities(textParam(params.secret)) || randomBytes(25).toString("hex"),
			status: textParam(params.status) || "active",
			data,
			createdAt: ctx.now(),
		})
		.returning();
	if (!row) throw new Error("The webhook was not written.");
	if (row.status === "active" && !(await ping(call, row))) await setPingDue(call, row, true);
	return {
		status: 201,
		headers: { location: restUrl(call, `/wc/v3/webhooks/${row.id}`) },
		body: present(call, row),
	};
}

/** As WordPress decodes a secret before it signs with it. */
const decodeEntities = (secret: string) =>
	secret
		.replace(/&lt;/g, "<")
		.replace(/&gt;/g, ">")
		.replace(/&quot;/g, '"')
		.replace(/&#0?39;/g, "'")
		.replace(/&amp;/g, "&");

export async function putWebhook(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "edit");
	const { ctx, params } = call;
	const before = await mustFind(call, id);
	const data = before.data as Data;
	if (params.topic !== undefined) checkTopic(textParam(params.topic));
	if (params.delivery_url !== undefined) checkUrl(textParam(params.delivery_url));
	const changes: Partial<Row> = {
		data: {
			...data,
			name: params.name === undefined ? data.name : textParam(params.name),
			modifiedAt: ctx.now().toISOString(),
		},
		// The failures that it had stay with it.
		...(params.status === undefined ? {} : { status: textParam(params.status) }),
		...(params.topic === undefined ? {} : { topic: textParam(params.topic) }),
		...(params.delivery_url === undefined ? {} : { url: textParam(params.delivery_url) }),
		...(params.secret === undefined ? {} : { secret: decodeEntities(textParam(params.secret)) }),
	};
	const [row] = await ctx.db.update(sandboxWebhooks).set(changes).where(byId(call, id)).returning();
	if (!row) throw new WpError("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 404);
	if ((row.data as Data).isPingDue && row.status === "active" && (await ping(call, row)))
		await setPingDue(call, row, false);
	return { body: present(call, row) };
}

export async function deleteWebhook(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "delete");
	const row = await mustFind(call, id);
	if (!isTrue(call.params.force))
		throw new WpError("woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.", 501);
	await call.ctx.db.delete(sandboxWebhooks).where(byId(call, id));
	return { body: present(call, row) };
}

const setPingDue = (call: Call, row: Row, isPingDue: boolean) =>
	call.ctx.db
		.update(sandboxWebhooks)
		.set({ data: { ...row.data, isPingDue } })
		.where(byId(call, row.id));

const pingPatienceMs = 5_000;

/** Within the request that saves the webhook: a form with its id, unsigned. */
async function ping(call: Call, row: Row): Promise<boolean> {
	if (!call.settings.mayCallPrivate && isBlocked(row.url, call.home)) return false;
	try {
		const reply = await undiciRequest(row.url, {
			method: "POST",
			headers: { ...hookshot(), "content-type": "application/x-www-form-urlencoded" },
			body: `webhook_id=${row.id}`,
			signal: AbortSignal.timeout(pingPatienceMs),
		});
		await reply.body.dump();
		return reply.statusCode >= 200 && reply.statusCode <= 302;
	} catch {
		return false;
	}
}
