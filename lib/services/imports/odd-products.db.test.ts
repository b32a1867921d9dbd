/** Products that a store lists in a form that nobody knows: against a WooCommerce sandbox store over HTTP. */
import { beforeEach, expect, it } from "vitest";
import { altering } from "@/lib/channels/testing/altering";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { type OpenConnection, openConnection } from "../channels/open-connection";
import { drainMail } from "../mail/drain-mail";
import { retryMail } from "../mail/retry-mail";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";
import { importListings, refreshListings } from "./import-listings";
import { readProducts } from "./read-products";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
const sql = () => database.ownerClient;
const client = () => database.client("app");

let shop: LiveStore;
beforeEach(async () => {
	shop = await liveStore(database, sandbox, "woocommerce", productsOf({ LAMP: 5, ROPE: 7 }));
});

type Row = Record<string, unknown>;

/** A store of which nobody knows what it says of these. */
async function storeWithOdd(isOdd: (row: Row) => boolean): Promise<OpenConnection> {
	const { adapter, connection } = await openConnection(client(), shop.target);
	const spoil = (row: Row) => (isOdd(row) ? { ...row, manage_stock: "perhaps" } : row);
	return {
		adapter,
		connection: () =>
			altering<Row | Row[]>(connection(), "", (body) => (Array.isArray(body) ? body.map(spoil) : spoil(body))),
	};
}
const isLamp = ({ sku }: Row) => sku === "LAMP";
const importFrom = (open: OpenConnection) => importListings(client(), shop.target, async () => open);
const calm = () => storeWithOdd(() => false);

const listings = async () =>
	Object.fromEntries(
		(
			await sql()<{ sku: string; is_gone: boolean; title: string }[]>`
				select sku, gone_at is not null as is_gone, title from listings where channel_id = ${shop.channelId}`
		).map(({ sku, is_gone }) => [sku, is_gone ? "gone" : "there"]),
	);
const letters = async () =>
	await sql()<{ id: number; state: number; error: string | null; body: string }[]>`
		select id::float8 as id, state, error, convert_from(body, 'UTF8') as body from inbox
		where channel_id = ${shop.channelId} and dedupe_key like 'odd-product:%' order by id`;
const told = async () =>
	(await sql()`select from sync_log where channel_id = ${shop.channelId} and kind = 'mail.dead'`).length;
const productRef = async (sku: string) =>
	(
		await sql()<{ ref: string }[]>`
			select ids->>'productId' as ref from listings where channel_id = ${shop.channelId} and sku = ${sku}`
	)[0]?.ref ?? "";

it("one is not gone, and a person is told of it once, with the row as it came", async () => {
	const open = await storeWithOdd(isLamp);
	for (let time = 0; time < 2; time++) {
		await importFrom(open);
		expect(await listings()).toEqual({ LAMP: "there", ROPE: "there" });
	}
	await refreshListings(client(), shop.target, open);
	const [letter, ...more] = await letters();
	expect(more).toEqual([]);
	const ref = await productRef("LAMP");
	expect(letter).toMatchObject({ state: 2, error: expect.stringContaining(ref) });
	expect(JSON.parse(letter?.body ?? "")).toMatchObject({ productRef: ref, row: { sku: "LAMP" } });
	expect(await told()).toBe(1);
});

it("R11 one of more units than can be counted holds up none of the others", async () => {
	const { adapter, connection } = await openConnection(client(), shop.target);
	const endless = (row: Row) => (isLamp(row) ? { ...row, stock_quantity: 9_999_999_999 } : row);
	const open: OpenConnection = {
		adapter,
		connection: () =>
			altering<Row | Row[]>(connection(), "", (body) => (Array.isArray(body) ? body.map(endless) : body)),
	};
	await importFrom(open);
	await refreshListings(client(), shop.target, open);
	expect(await listings()).toEqual({ LAMP: "there", ROPE: "there" });
	expect(await letters()).toMatchObject([{ state: 2, error: expect.stringContaining(await productRef("LAMP")) }]);
});

it("one that is not in the list any more is gone beside it", async () => {
	await sql()`delete from sandbox.items where store_id = ${shop.storeId} and id = ${await productRef("ROPE")}`;
	await importFrom(await storeWithOdd(isLamp));
	expect(await listings()).toEqual({ LAMP: "there", ROPE: "gone" });
});

it("one that can be read again waits for nobody", async () => {
	await importFrom(await storeWithOdd(isLamp));
	await importFrom(await calm());
	expect(await letters()).toMatchObject([{ state: 1, error: null }]);
});

it("one that a person has read once more, in vain, is told again", async () => {
	const open = await storeWithOdd(isLamp);
	await importFrom(open);
	const [letter] = await letters();
	await retryMail(shop.ctx, { inboxId: letter?.id ?? 0 });
	await drainMail(shop.target, { maxMs: 3_000, lingerMs: 0, client: client() });
	expect(await letters()).toMatchObject([{ state: 1 }]);
	await importFrom(open);
	expect(await letters()).toMatchObject([{ id: letter?.id, state: 2 }]);
	expect(await told()).toBe(2);
});

it("more of them than a person could look at are a store that can't be read", async () => {
	const many = await liveStore(
		database,
		sandbox,
		"woocommerce",
		productsOf(Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`P${n}`, 1]))),
	);
	shop = many;
	const open = await storeWithOdd(() => true);
	await expect(importFrom(open)).rejects.toMatchObject({ reason: "unreadable" });
	expect(await letters()).toEqual([]);
	expect(new Set(Object.values(await listings()))).toEqual(new Set(["there"]));
});

it("asked for by itself it is not gone, and the others that are asked for are read", async () => {
	const [lamp, rope] = [await productRef("LAMP"), await productRef("ROPE")];
	await sql()`delete from sandbox.items where store_id = ${shop.storeId} and id = ${rope}`;
	const open = await storeWithOdd(isLamp);
	await expect(readProducts(client(), shop.target, open, [lamp, rope])).rejects.toMatchObject({ reason: "unreadable" });
	expect(await listings()).toEqual({ LAMP: "there", ROPE: "gone" });
});
