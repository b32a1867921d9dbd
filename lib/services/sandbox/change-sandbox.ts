/** The hands of a sandbox store's owner and of its buyers: what a person does to the outside world to see what follows. */
import { z } from "zod";
import { type Platform, platforms } from "@/db/schema";
import { sandboxPlatform } from "@/lib/sandbox/platforms";
import * as stores from "@/lib/sandbox/stores";
import type { Connected } from "../channels/connect-store";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { connectSandboxStore } from "./connect-sandbox-store";
import { catalogueFor } from "./outdoor-catalogue";
import { ownStore, sandboxOf } from "./own-store";

/** More would fill a merchant's page and this machine, and show nothing new. */
const mostStores = 24;

export const newStoreInput = z.object({
	platform: z.enum(platforms),
	name: z.string().trim().min(1, "What should the store be called?").max(60, "This name is too long."),
});

export async function makeSandboxStore(ctx: Context, input: unknown): Promise<{ storeId: string }> {
	authorise(ctx, "manager");
	const { platform, name } = newStoreInput.parse(input);
	const sandbox = sandboxOf();
	if (!sandboxPlatform(platform)) throw new Unacceptable("There are no sandbox stores of this platform yet.");
	const made = await stores.listSandboxStores(sandbox, ctx.merchantId);
	if (made.length >= mostStores)
		throw new Unacceptable(`${mostStores} sandbox stores are the most. Remove one that you no longer need.`);
	const store = await stores.createSandboxStore(sandbox, {
		platform,
		name,
		madeBy: ctx.merchantId,
		products: catalogueFor(platform),
		settings: newStoreSettings(platform, name),
	});
	return { storeId: store.id };
}

/** What a store of a platform is set to over its defaults, where those would keep a person waiting for its news or its name. */
const newSettings: Partial<Record<Platform, (name: string) => Record<string, unknown>>> = {
	// A shop whose host calls its cron every second: one that nobody visits would send its news once a minute.
	woocommerce: () => ({ cronEveryMs: 1_000 }),
	// A cart whose news API2Cart gets at once; it takes up to five minutes where it has to ask.
	api2cart: () => ({ newsDelayMs: { least: 0, most: 2_000 } }),
	// The owner has named the website, which has no name of its own when it is new.
	magento: (name) => ({ websites: [{ id: 1, code: "base", name }] }),
};

export const newStoreSettings = (platform: Platform, name: string): Record<string, unknown> =>
	newSettings[platform]?.(name) ?? {};

export async function removeSandboxStore(ctx: Context, storeId: string): Promise<void> {
	authorise(ctx, "manager");
	const { sandbox } = await ownStore(ctx, storeId);
	await stores.deleteSandboxStore(sandbox, storeId);
}

export async function connectOwnSandboxStore(ctx: Context, storeId: string): Promise<Connected> {
	authorise(ctx, "manager");
	const { sandbox, store } = await ownStore(ctx, storeId);
	return connectSandboxStore(ctx, sandbox, store);
}

const rate = z.number().min(0).max(1);
const ms = z.number().int().min(0).max(600_000);
export const knobsInput = z
	.object({
		latencyMs: ms,
		latencyJitterMs: ms,
		errorRate: rate,
		timeoutRate: rate,
		appliedThenFailedRate: rate,
		outage: z.boolean(),
		throttleRate: rate,
		garbled: z.union([z.literal(false), z.enum(["page", "redirect", "empty", "cut"])]),
		webhookDelayMs: ms,
		webhookDelayJitterMs: ms,
		webhookLossRate: rate,
		webhookDuplicateRate: rate,
		webhookReorderRate: rate,
		webhookForgeryRate: rate,
		listLagMs: ms,
	})
	.partial();

export async function turnKnobs(ctx: Context, storeId: string, input: unknown): Promise<void> {
	authorise(ctx, "support");
	const { sandbox } = await ownStore(ctx, storeId);
	await stores.setKnobs(sandbox, storeId, knobsInput.parse(input));
}

export async function calmKnobs(ctx: Context, storeId: string): Promise<void> {
	authorise(ctx, "support");
	const { sandbox } = await ownStore(ctx, storeId);
	await stores.calmStore(sandbox, storeId);
}

/** The store forgets whom it tells of a change, as platforms do with webhooks that failed for a while. */
export async function dropWebhooks(ctx: Context, storeId: string): Promise<void> {
	authorise(ctx, "support");
	const { sandbox } = await ownStore(ctx, storeId);
	const standing = await stores.standingWebhooks(sandbox, storeId);
	if (!(await stores.giveUpWebhooks(sandbox, storeId, standing)))
		throw new Unacceptable("Stores of this platform never drop a webhook.");
}

/** Orders a minute from made-up buyers; 0: they stay away. */
export async function setBuyers(ctx: Context, storeId: string, ordersPerMinute: unknown): Promise<void> {
	authorise(ctx, "support");
	const { sandbox } = await ownStore(ctx, storeId);
	await stores.setLife(sandbox, storeId, z.number().int().min(0).max(600).parse(ordersPerMinute));
}

/** How often a shop's own timer sends its news. */
export async function setCron(ctx: Context, storeId: string, cronEveryMs: unknown): Promise<void> {
	authorise(ctx, "support");
	const { sandbox } = await ownStore(ctx, storeId);
	await stores.setStoreSettings(sandbox, storeId, { cronEveryMs: ms.parse(cronEveryMs) });
}

const units = z
	.number("Type a number of units.")
	.int("Units are whole.")
	.min(0, "Units can't be negative.")
	.max(1_000_000, "This is more than a store can hold.");
const line = z.object({ sku: z.string().min(1, "Choose what is bought.").max(200), quantity: units });

export const actInput = z.discriminatedUnion("act", [
	z.object({ act: z.literal("buy"), lines: z.array(line).min(1).max(20) }),
	z.object({ act: z.literal("cancel"), orderId: z.string(), restock: z.boolean() }),
	z.object({
		act: z.literal("refund"),
		orderId: z.string(),
		lines: z.array(line).min(1).max(50),
		restock: z.boolean(),
	}),
	z.object({ act: z.literal("edit"), orderId: z.string(), sku: z.string(), quantity: units }),
	z.object({ act: z.literal("type_quantity"), sku: z.string(), quantity: units }),
]);

/** What a buyer or the owner does by hand. Refused is the platform's own refusal, in its own words. */
export async function actInStore(
	ctx: Context,
	storeId: string,
	input: unknown,
): Promise<{ result: "done"; number: string | null } | { result: "refused"; message: string }> {
	authorise(ctx, "support");
	const { sandbox } = await ownStore(ctx, storeId);
	const act = actInput.parse(input);
	switch (act.act) {
		case "buy": {
			const outcome = await stores.checkout(sandbox, storeId, act.lines);
			return outcome.result === "placed"
				? { result: "done", number: outcome.number }
				: { result: "refused", message: outcome.message };
		}
		case "cancel":
			await stores.cancelOrder(sandbox, storeId, act.orderId, act.restock);
			break;
		case "refund":
			await stores.refundOrder(sandbox, storeId, act.orderId, act.lines, act.restock);
			break;
		case "edit":
			await stores.editOrder(sandbox, storeId, act.orderId, act.sku, act.quantity);
			break;
		case "type_quantity":
			await stores.setQuantity(sandbox, storeId, act.sku, act.quantity);
			break;
	}
	return { result: "done", number: null };
}
