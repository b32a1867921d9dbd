/** How a channel's orders are asked for where its store does not take every call. */
import { expect, it } from "vitest";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import { ChannelError } from "@/lib/channels/errors";
import { checkout } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { openConnection } from "../channels/open-connection";
import { setWakeSender } from "../sync/wake";
import { liveStore, productsOf } from "../testing/live-store";
import { pollOrders } from "./poll-orders";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
const client = () => database.client("app");

async function storeWith(listOrders: ChannelAdapter["listOrders"]) {
	const { target } = await liveStore(database, sandbox, "woocommerce", productsOf({ LAMP: 5 }));
	const { adapter, connection } = await openConnection(client(), target);
	return { target, open: { adapter: { ...adapter, listOrders }, connection } };
}

const tooMany = (more: { retryAfterMs: number }) => new ChannelError("throttled", "too many", more);

it("a long list goes on at the page where the store asked for a rest, and not from the first on", async () => {
	const asked: (string | null)[] = [];
	const { target, open } = await storeWith(async (_, __, page) => {
		asked.push(page);
		if (asked.length % 3 === 0) throw tooMany({ retryAfterMs: 20 });
		const place = Number(page ?? 1);
		return { items: [], next: place < 4 ? String(place + 1) : null, total: null };
	});
	await pollOrders(client(), target, open);
	expect(asked).toEqual([null, "2", "3", "3", "4"]);
});

it("a list whose first page is refused, or whose rest is long, leaves it to the worker to wait", async () => {
	const asked: (string | null)[] = [];
	const { target, open } = await storeWith(async (_, __, page) => {
		asked.push(page);
		if (asked.length === 2) return { items: [], next: "2", total: null };
		throw tooMany({ retryAfterMs: asked.length === 1 ? 20 : 60_000 });
	});
	for (let time = 0; time < 2; time++)
		await expect(pollOrders(client(), target, open)).rejects.toMatchObject({ reason: "throttled" });
	expect(asked).toEqual([null, null, "2"]);
});

it("what a list told is applied at once, also where the store refuses the rest of it", async () => {
	const { target, storeId } = await liveStore(database, sandbox, "woocommerce", productsOf({ LAMP: 5 }));
	const { adapter, connection } = await openConnection(client(), target);
	await checkout(sandbox.ctx, storeId, [{ sku: "LAMP", quantity: 1 }]);
	const listOrders: ChannelAdapter["listOrders"] = async (as, since, page) => {
		if (page !== null) throw tooMany({ retryAfterMs: 60_000 });
		return { ...(await adapter.listOrders(as, since, page)), next: "2" };
	};
	const woken: string[] = [];
	setWakeSender(async (kind, ids) => void woken.push(...ids.map((id) => `${kind} ${id}`)));
	try {
		const polled = pollOrders(client(), target, { adapter: { ...adapter, listOrders }, connection });
		await expect(polled).rejects.toMatchObject({ reason: "throttled" });
	} finally {
		setWakeSender(null);
	}
	expect(woken).toContain(`mail ${target.channelId}`);
});
