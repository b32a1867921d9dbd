/** How a store's listings come in and go, against sandbox stores over HTTP: also when an event, a process or news is lost. */
import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import { ChannelError } from "@/lib/channels/errors";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { deleteProduct } from "@/lib/sandbox/shopify/products";
import { getSandboxStore, setKnobs } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { refreshListings as readAgain } from "../channels/nudge-channel";
import { type OpenConnection, openConnection } from "../channels/open-connection";
import { readChannel } from "../channels/read-channels";
import { takeTurn } from "../channels/take-turn";
import { sendAgain } from "../pushes/send-again";
import { readSku } from "../skus/read-sku";
import { findWork } from "../sync/find-work";
import { setWakeSender } from "../sync/wake";
import { connectedStore, type LiveStore, liveStore, productsOf } from "../testing/live-store";
import { importListings, refreshListings } from "./import-listings";
import { readStore } from "./read-store";
import { startFromCatalogue } from "./start-from-catalogue";

const sandbox = sandboxHereForTests();
const { database } = sandbox;

const sql = () => database.ownerClient;
const client = () => database.client("app");
const isFound = async (channelId: string, options?: { isStart: boolean }) =>
	(await findWork(options)).imports.includes(channelId);
const jobs = async (channelId: string) =>
	(
		await sql()<{ state: string }[]>`
		select state from channel_jobs where channel_id = ${channelId} order by started_at`
	).map(({ state }) => state);

it("a count that is taken from a store's catalogue knows when the store was read", async () => {
	const shop = await connectedStore(database, sandbox, "shopify", productsOf({ LAMP: 5 }));
	await readStore(client(), shop.target);
	await startFromCatalogue(shop.ctx, shop.channelId, { isDryRun: false });
	const [level] = await sql()`
		select v.on_hand, v.counted_from = s.shown_at as is_of_reading, v.counted_from < v.counted_at as is_earlier
		from levels v join slots s on s.sku_id = v.sku_id where s.channel_id = ${shop.channelId}`;
	expect(level).toEqual({ on_hand: 5, is_of_reading: true, is_earlier: true });
});

describe("a store that takes two of three calls", () => {
	let shop: LiveStore;
	let begun: number;
	/** Whoever begins anew at each refusal never comes to the third page. */
	let open: OpenConnection;
	beforeEach(async () => {
		const skus = Array.from({ length: 101 }, (_, n) => [`SKU-${n}`, 5]);
		shop = await connectedStore(database, sandbox, "shopify", productsOf(Object.fromEntries(skus)));
		const { adapter, connection } = await openConnection(client(), shop.target);
		let calls = 0;
		begun = 0;
		const listListings: ChannelAdapter["listListings"] = async (as, since, page) => {
			if (++calls % 3 === 0) throw new ChannelError("throttled", "too many", { retryAfterMs: 20 });
			if (page === null) begun++;
			return adapter.listListings(as, since, page);
		};
		open = { adapter: { ...adapter, listListings }, connection };
	});

	it("is imported from the page on where it asked for a rest", async () => {
		expect(await importListings(client(), shop.target, async () => open)).toMatchObject({ listings: 101 });
		expect(begun).toBe(1);
	});

	it("tells its changed listings from the page on where it asked for a rest", async () => {
		expect(await refreshListings(client(), shop.target, open)).toBe(101);
		expect(begun).toBe(1);
	});
});

it("an import that is asked to rest for long is tried again later", async () => {
	const shop = await connectedStore(database, sandbox, "shopify", productsOf({ LAMP: 5 }));
	const { adapter, connection } = await openConnection(client(), shop.target);
	const listListings: ChannelAdapter["listListings"] = async () => {
		throw new ChannelError("throttled", "too many", { retryAfterMs: 10 * 60_000 });
	};
	const open = async () => ({ adapter: { ...adapter, listListings }, connection });
	await expect(importListings(client(), shop.target, open)).rejects.toMatchObject({ reason: "throttled" });
});

describe("an import whose event was killed", () => {
	let shop: LiveStore;
	beforeEach(async () => {
		const killed: string[] = [];
		setWakeSender(async (kind) => {
			killed.push(kind);
			throw new Error("the event is lost");
		});
		shop = await connectedStore(database, sandbox, "shopify", productsOf({ LAMP: 5 }));
		expect(killed).toEqual(["import"]);
		return () => setWakeSender(null);
	});

	it("waits in a row, and is found by the sweep and by the next start", async () => {
		expect(await jobs(shop.channelId)).toEqual(["waiting"]);
		expect(await isFound(shop.channelId)).toBe(false);
		expect(await isFound(shop.channelId, { isStart: true })).toBe(true);
		await sql()`update channel_jobs set started_at = now() - interval '5 s' where channel_id = ${shop.channelId}`;
		expect(await isFound(shop.channelId)).toBe(true);
		await readStore(client(), shop.target);
		expect(await jobs(shop.channelId)).toEqual(["done"]);
		expect(await isFound(shop.channelId, { isStart: true })).toBe(false);
		expect(await readChannel(shop.ctx, shop.channelId)).toMatchObject({ state: "read_only", listings: { all: 1 } });
	});

	it("asked for by a person's second click too it is one", async () => {
		await readStore(client(), shop.target);
		await readAgain(shop.ctx, shop.channelId);
		await readAgain(shop.ctx, shop.channelId);
		expect(await jobs(shop.channelId)).toEqual(["done", "waiting"]);
		expect((await readChannel(shop.ctx, shop.channelId)).job?.state).toBe("waiting");
	});

	it("that has stopped beating is started again; one that beats is left alone, and nothing is started beside it", async () => {
		await readStore(client(), shop.target);
		const begin = (state: string, beatAge: string) => sql()`
			insert into channel_jobs (merchant_id, channel_id, kind, state, started_at, beat_at)
			select merchant_id, id, 'import', ${state}, now() - interval '1 hour', now() - ${beatAge}::interval from channels where id = ${shop.channelId}`;
		await begin("running", "10 s");
		expect(await isFound(shop.channelId, { isStart: true })).toBe(false);
		await begin("waiting", "1 hour");
		expect(await isFound(shop.channelId)).toBe(false);
		await sql()`update channel_jobs set beat_at = now() - interval '4 min' where channel_id = ${shop.channelId} and state = 'running'`;
		expect(await isFound(shop.channelId)).toBe(true);
		await readStore(client(), shop.target);
		expect((await jobs(shop.channelId)).sort()).toEqual(["cancelled", "done", "done"]);
	});

	it("that the store refuses says why, and is a person's to start again", async () => {
		await setKnobs(sandbox.ctx, shop.storeId, { outage: true });
		await expect(readStore(client(), shop.target)).rejects.toThrow();
		expect((await readChannel(shop.ctx, shop.channelId)).job).toMatchObject({
			state: "failed",
			error: { sentence: expect.stringContaining("Shopify") },
		});
		expect(await isFound(shop.channelId, { isStart: true })).toBe(false);
	});

	it("comes by itself once a day, since some deletions nobody tells of", async () => {
		await readStore(client(), shop.target);
		await sql()`update channel_jobs set started_at = now() - interval '23 h' where channel_id = ${shop.channelId}`;
		expect(await isFound(shop.channelId)).toBe(false);
		await sql()`update channel_jobs set started_at = now() - interval '25 h' where channel_id = ${shop.channelId}`;
		expect(await isFound(shop.channelId)).toBe(true);
	});
});

const slotOf = async ({ channelId }: LiveStore, sku: string) => {
	const [slot] = await sql()<
		{ listing_id: string; sku_id: string; is_gone: boolean; is_pending: boolean; is_due: boolean }[]
	>`
		select s.listing_id, s.sku_id, l.gone_at is not null as is_gone, s.is_pending, s.read_due_at is not null as is_due
		from slots s join listings l on l.id = s.listing_id where s.channel_id = ${channelId} and l.sku = ${sku}`;
	if (!slot) throw new Error(`no listing ${sku}`);
	return slot;
};

/** A sale elsewhere: the offer falls. */
const offerLess = ({ channelId }: LiveStore, skuId: string) => sql()`
	update slots set offered = offered - 1 where channel_id = ${channelId} and sku_id = ${skuId}`;

const mayWrite = async (shop: LiveStore) => {
	const { adapter } = await openConnection(client(), shop.target);
	const options = { now: Date.now(), mayClaim: true, only: null };
	const { push } = await takeTurn(client(), shop.target, adapter.facts, options);
	return push !== null && push !== "orders_first";
};

/** What the page of the SKU says of it. */
const said = async (shop: LiveStore, skuId: string) => (await readSku(shop.ctx, skuId)).slots.map(({ word }) => word);

const refresh = async (shop: LiveStore) =>
	refreshListings(client(), shop.target, await openConnection(client(), shop.target));

/** The owner deletes a product in the store's admin; whether anybody is told is another matter. */
async function deleteInStore(shop: LiveStore, sku: string): Promise<string> {
	const [listing] = await sql()<{ ref: string }[]>`
		select ids->>'productId' as ref from listings where channel_id = ${shop.channelId} and sku = ${sku}`;
	const ref = listing?.ref ?? "";
	const id = ref.split("/").at(-1) ?? "";
	const store = await getSandboxStore(sandbox.ctx, shop.storeId);
	if (!store) throw new Error("no such store");
	if (shop.target.platform === "shopify") await deleteProduct(sandbox.ctx, store, id);
	else await sql()`delete from sandbox.items where store_id = ${shop.storeId} and id = ${id}`;
	return ref;
}

/** Mail about it, as it lies in the inbox once it was applied. */
async function tell({ channelId, target }: LiveStore, ref: string): Promise<void> {
	const [topic, body] =
		target.platform === "shopify"
			? ["products/delete", `{"id": ${ref.split("/").at(-1)}}`]
			: ["product.deleted", `{"id": ${ref}}`];
	await sql()`
		insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body, state, applied_at)
		values (${target.merchantId}, ${channelId}, 'webhook', ${topic ?? ""}, ${randomUUID()}, ${Buffer.from(body ?? "")}, 1, now())`;
}

describe.each(["shopify", "woocommerce"] as const)("a product that was deleted in a %s store", (platform) => {
	const live = () => liveStore(database, sandbox, platform, productsOf({ LAMP: 5, ROPE: 7 }));

	it("is found by the news of it, its slot stops pushing, and its page says so", async () => {
		const shop = await live();
		const { sku_id: skuId } = await slotOf(shop, "LAMP");
		await tell(shop, await deleteInStore(shop, "LAMP"));
		await refresh(shop);
		await offerLess(shop, skuId);
		expect(await slotOf(shop, "LAMP")).toMatchObject({ is_gone: true, is_pending: false, is_due: false });
		expect(await slotOf(shop, "ROPE")).toMatchObject({ is_gone: false });
		expect(await said(shop, skuId)).toEqual(["no longer in the store"]);
		expect(await mayWrite(shop)).toBe(false);
		const log =
			await sql()`select sku_id, state from sync_log where channel_id = ${shop.channelId} and kind = 'listing.gone'`;
		expect([...log]).toEqual([{ sku_id: skuId, state: "off" }]);
	});

	it("is found by the next reading of the whole catalogue when nobody tells of it", async () => {
		const shop = await live();
		const { sku_id: skuId } = await slotOf(shop, "LAMP");
		await deleteInStore(shop, "LAMP");
		await refresh(shop);
		expect(await slotOf(shop, "LAMP")).toMatchObject({ is_gone: false });
		await readStore(client(), shop.target);
		await offerLess(shop, skuId);
		expect(await slotOf(shop, "LAMP")).toMatchObject({ is_gone: true, is_pending: false });
		expect((await readChannel(shop.ctx, shop.channelId)).listings).toMatchObject({ all: 1, linked: 1 });
	});

	it("is not pushed to by sending again, either", async () => {
		const shop = await live();
		const { sku_id: skuId } = await slotOf(shop, "LAMP");
		await deleteInStore(shop, "LAMP");
		await readStore(client(), shop.target);
		expect(await sendAgain(shop.ctx, { skuId })).toEqual({ slots: 0 });
		expect(await slotOf(shop, "LAMP")).toMatchObject({ is_pending: false, is_due: false });
	});

	it("news of which is false ends nothing", async () => {
		const shop = await live();
		const [listing] = await sql()<{ ref: string }[]>`
			select ids->>'productId' as ref from listings where channel_id = ${shop.channelId} and sku = 'LAMP'`;
		await tell(shop, listing?.ref ?? "");
		await refresh(shop);
		expect(await slotOf(shop, "LAMP")).toMatchObject({ is_gone: false });
	});
});

it("a product that was taken from the trash again is read, then written to as before", async () => {
	const shop = await liveStore(database, sandbox, "woocommerce", productsOf({ LAMP: 5, ROPE: 7 }));
	const { sku_id: skuId } = await slotOf(shop, "LAMP");
	const setStatus = (status: string) => sql()`
		update sandbox.items set data = data || jsonb_build_object('status', ${status}::text) where store_id = ${shop.storeId} and sku = 'LAMP'`;
	await setStatus("trash");
	await readStore(client(), shop.target);
	expect(await slotOf(shop, "LAMP")).toMatchObject({ is_gone: true, sku_id: skuId });
	await setStatus("publish");
	await readStore(client(), shop.target);
	expect(await slotOf(shop, "LAMP")).toMatchObject({ is_gone: false, is_due: true });
	await offerLess(shop, skuId);
	expect(await slotOf(shop, "LAMP")).toMatchObject({ is_pending: true });
});

it("a variant that was deleted from a product that stays is gone with the product's next change", async () => {
	const variant = (sku: string, options: string) => ({ sku, gtin: null, options, price: "12.00", quantity: 4 });
	const products: SeedProduct[] = [{ title: "Lamp", variants: [variant("LAMP-S", "S"), variant("LAMP-L", "L")] }];
	const shop = await liveStore(database, sandbox, "shopify", products);
	const [listing] = await sql()<{ variant: string; product: string }[]>`
		select ids->>'variantId' as variant, ids->>'productId' as product from listings where channel_id = ${shop.channelId} and sku = 'LAMP-S'`;
	const idOf = (gid = "") => gid.split("/").at(-1) ?? "";
	await sql()`delete from sandbox.items where store_id = ${shop.storeId} and id = ${idOf(listing?.variant)}`;
	await sql()`update sandbox.items set modified_at = now() where store_id = ${shop.storeId} and id = ${idOf(listing?.product)}`;
	await refresh(shop);
	expect(await slotOf(shop, "LAMP-S")).toMatchObject({ is_gone: true, is_pending: false });
	expect(await slotOf(shop, "LAMP-L")).toMatchObject({ is_gone: false });
});
