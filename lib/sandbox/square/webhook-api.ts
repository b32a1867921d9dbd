/** /v2/webhooks/subscriptions: the application's, with its personal access token alone. */
import { and, eq } from "drizzle-orm";
import { sandboxWebhooks } from "@/db/schema";
import { newSubscriptionId } from "./news";
import { newId } from "./settings";
import { type Call, demandApp, invalid, missing, notFound } from "./wire";

type Row = typeof sandboxWebhooks.$inferSelect;
type Data = { name: string; apiVersion: string };

/** The key is shown where one subscription is asked for, and not in the list. */
function present(row: Row, withKey: boolean): Record<string, unknown> {
	const { name, apiVersion } = row.data as Data;
	return {
		id: row.id,
		name,
		enabled: row.status === "active",
		event_types: row.topic.split(","),
		notification_url: row.url,
		api_version: apiVersion,
		...(withKey && { signature_key: row.secret }),
		created_at: row.createdAt.toISOString(),
		updated_at: row.createdAt.toISOString(),
	};
}

export async function listSubscriptions(call: Call): Promise<unknown> {
	demandApp(call);
	const { ctx, store, query } = call;
	const rows = await ctx.db
		.select()
		.from(sandboxWebhooks)
		.where(eq(sandboxWebhooks.storeId, store.id))
		.orderBy(sandboxWebhooks.createdAt, sandboxWebhooks.id);
	const shown = rows.filter(({ status }) => query.get("include_disabled") === "true" || status === "active");
	return shown.length > 0 ? { subscriptions: shown.map((row) => present(row, false)) } : {};
}

const known: readonly string[] = [
	"inventory.count.updated",
	"catalog.version.updated",
	"order.created",
	"order.updated",
	"location.updated",
	"oauth.authorization.revoked",
];

export async function postSubscription(call: Call): Promise<unknown> {
	demandApp(call);
	const { ctx, store } = call;
	const { url, types, name, apiVersion } = readAsked(call);
	const [row] = await ctx.db
		.insert(sandboxWebhooks)
		.values({
			storeId: store.id,
			id: newSubscriptionId(ctx.random),
			topic: types.join(","),
			url,
			secret: newId(ctx.random, 22),
			data: { name, apiVersion },
			createdAt: ctx.now(),
		})
		.returning();
	if (!row) throw new Error("The subscription was not written.");
	return { subscription: present(row, true) };
}

/** Its key stays, and so does its id. */
export async function putSubscription(call: Call, id: string): Promise<unknown> {
	demandApp(call);
	const { url, types, name, apiVersion } = readAsked(call);
	const isOn = call.body.subscription.enabled !== false;
	const [row] = await call.ctx.db
		.update(sandboxWebhooks)
		.set({ topic: types.join(","), url, data: { name, apiVersion }, status: isOn ? "active" : "disabled", failures: 0 })
		.where(byId(call, id))
		.returning();
	if (!row) throw unknownId(id);
	return { subscription: present(row, false) };
}

function readAsked({ settings, body }: Call): Data & { url: string; types: string[] } {
	const asked = body.subscription;
	if (!asked) throw missing("subscription");
	const url = String(asked.notification_url ?? "");
	if (!URL.canParse(url) || !(url.startsWith("https://") || settings.deliversToHttp))
		throw invalid("INVALID_VALUE", "The notification URL must be an HTTPS URL.", "subscription.notification_url");
	const types: unknown = asked.event_types;
	if (!Array.isArray(types) || types.length === 0) throw missing("subscription.event_types");
	const unknown = types.find((type) => !known.includes(type));
	if (unknown !== undefined)
		throw invalid("INVALID_VALUE", `\`${unknown}\` is not an event type.`, "subscription.event_types");
	return {
		url,
		types: types.map(String),
		name: String(asked.name ?? "Webhook"),
		apiVersion: String(asked.api_version ?? "2026-05-20"),
	};
}

const byId = ({ store }: Call, id: string) => and(eq(sandboxWebhooks.storeId, store.id), eq(sandboxWebhooks.id, id));

const unknownId = (id: string) => notFound(`Subscription with ID \`${id}\` not found.`);

export async function getSubscription(call: Call, id: string): Promise<unknown> {
	demandApp(call);
	const [row] = await call.ctx.db.select().from(sandboxWebhooks).where(byId(call, id));
	if (!row) throw unknownId(id);
	return { subscription: present(row, true) };
}

export async function deleteSubscription(call: Call, id: string): Promise<unknown> {
	demandApp(call);
	const [row] = await call.ctx.db.delete(sandboxWebhooks).where(byId(call, id)).returning({ id: sandboxWebhooks.id });
	if (!row) throw unknownId(id);
	return {};
}
