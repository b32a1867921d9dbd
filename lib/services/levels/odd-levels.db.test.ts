/** A level that a store tells in a form that nobody knows: against a WooCommerce sandbox store over HTTP. */
import { expect, it } from "vitest";
import { altering } from "@/lib/channels/testing/altering";
import { setQuantity } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { openConnection } from "../channels/open-connection";
import { liveStore, productsOf } from "../testing/live-store";
import { readDueLevels } from "./read-levels";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
const sql = () => database.ownerClient;
const client = () => database.client("app");

type Row = Record<string, unknown>;

it("holds up none of the others, is taken for nothing, and is asked for again", async () => {
	const shop = await liveStore(database, sandbox, "woocommerce", productsOf({ LAMP: 5, ROPE: 7, TENT: 9 }));
	for (const sku of ["LAMP", "ROPE", "TENT"]) await setQuantity(sandbox.ctx, shop.storeId, sku, 2);
	await sql()`update slots set read_due_at = now() where channel_id = ${shop.channelId}`;
	const [lamp] = await sql()<{ ref: string }[]>`
		select ids->>'productId' as ref from listings where channel_id = ${shop.channelId} and sku = 'LAMP'`;
	const { adapter, connection } = await openConnection(client(), shop.target);
	const isLevel = (row: Row) => String(row.id) === lamp?.ref && row.sku === undefined;
	const open = {
		adapter,
		connection: () =>
			altering<Row[]>(connection(), "/products", (rows) =>
				rows.map((row) => (isLevel(row) ? { ...row, stock_quantity: "some" } : row)),
			),
	};
	const read = () => expect(readDueLevels(client(), shop.target, open)).rejects.toMatchObject({ reason: "unreadable" });
	await read();
	// By itself, too, it waits for its next turn.
	await sql()`update slots set read_due_at = now() where channel_id = ${shop.channelId} and shown = 5`;
	await read();
	const slots = await sql()<{ sku: string; shown: number; is_there: boolean; is_later: boolean }[]>`
		select l.sku, s.shown, l.gone_at is null as is_there, s.read_due_at > now() + interval '30 s' as is_later
		from slots s join listings l on l.id = s.listing_id where s.channel_id = ${shop.channelId} order by l.sku`;
	expect(slots).toMatchObject([
		{ sku: "LAMP", shown: 5, is_there: true, is_later: true },
		{ sku: "ROPE", shown: 2, is_there: true },
		{ sku: "TENT", shown: 2, is_there: true },
	]);
});
