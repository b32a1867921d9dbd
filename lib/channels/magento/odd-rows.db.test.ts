/** Lists in which one row is not what Magento promises: it is told, and holds up none of the others. */
import { describe, expect, test } from "vitest";
import { refundOrder, shipOrder } from "@/lib/sandbox/magento/orders";
import { sandboxForTests } from "@/lib/sandbox/testing";
import type { Connection } from "../channel-adapter";
import type { OddRow } from "../listing";
import { altering } from "../testing/altering";
import { readAll } from "../testing/read-all";
import { magento } from ".";
import { openShop } from "./testing/open-shop";

const sandbox = sandboxForTests();
type Row = Record<string, unknown>;
const zero = "0000-00-00 00:00:00";

const alteringRows = (connection: Connection, path: string, change: (row: Row) => Row) =>
	altering<{ items: Row[] }>(connection, path, (body) => ({ ...body, items: body.items.map(change) }));

async function readOrders(connection: Connection, since: Date) {
	const odd: OddRow[] = [];
	const orders = await readAll(async (page) => {
		const read = await magento.listOrders(connection, since, page);
		odd.push(...(read.odd ?? []));
		return read;
	});
	return { orderRefs: [...new Set(orders.map(({ orderRef }) => orderRef))], odd };
}

describe("of shipments and credit memos", () => {
	test.each([
		["shipments", "shipment"],
		["creditmemos", "credit memo"],
	])("one of the %s that names no order is told, and the others are followed", async (list, word) => {
		const shop = await openShop(sandbox);
		const orderIds = [await shop.buy("CUP", 2), await shop.buy("TEE-M", 2), await shop.buy("CUP", 1)];
		sandbox.putForward(60_000);
		const since = sandbox.now();
		for (const orderId of orderIds) await shipOrder(sandbox.ctx, shop.store, orderId, null);
		for (const orderId of orderIds) await refundOrder(sandbox.ctx, shop.store, orderId, null, () => false);
		let listed = 0;
		const connection = alteringRows(shop.connection, `/V1/${list}`, (row) =>
			++listed === 2 ? { entity_id: row.entity_id, created_at: zero } : row,
		);
		const { orderRefs, odd } = await readOrders(connection, since);
		expect(listed).toBe(3);
		expect(orderRefs.sort()).toEqual([...orderIds].sort());
		expect(odd).toEqual([{ ref: expect.stringMatching(`^of ${word} [0-9]+$`), row: expect.anything() }]);
		// Asked for it by itself, nobody takes an order to be gone.
		await expect(magento.readOrder(shop.connection, odd[0]?.ref ?? "")).rejects.toMatchObject({ reason: "unreadable" });
	});

	test.each(["shipments", "creditmemos"])("%s are followed whatever moment they name", async (list) => {
		const shop = await openShop(sandbox);
		const since = sandbox.now();
		const orderId = await shop.buy("CUP", 2);
		await shipOrder(sandbox.ctx, shop.store, orderId, null);
		await refundOrder(sandbox.ctx, shop.store, orderId, null, () => false);
		const connection = alteringRows(shop.connection, `/V1/${list}`, (row) => ({ ...row, created_at: zero }));
		expect(await readOrders(connection, since)).toEqual({ orderRefs: [orderId], odd: [] });
	});

	test("an order that has no stamp of its own is told, and the others are followed", async () => {
		const shop = await openShop(sandbox);
		const orderIds = [await shop.buy("CUP", 2), await shop.buy("TEE-M", 2)];
		sandbox.putForward(60_000);
		const since = sandbox.now();
		for (const orderId of orderIds) {
			const lines = (await magento.readOrder(shop.connection, orderId))?.lines ?? [];
			await shipOrder(sandbox.ctx, shop.store, orderId, [{ order_item_id: Number(lines[0]?.lineRef), qty: 1 }]);
		}
		const [whole, odd = ""] = orderIds;
		const connection = alteringRows(shop.connection, "/V1/orders", (row) =>
			`${row.entity_id}` === odd ? { ...row, updated_at: zero } : row,
		);
		expect(await readOrders(connection, since)).toMatchObject({ orderRefs: [whole], odd: [{ ref: odd }] });
	});
});
