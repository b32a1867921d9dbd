/** A queue that somebody else can write into: what lies in it is a reason to ask, of one's own stores, and never more. */
import { randomUUID } from "node:crypto";
import type { TestDatabase } from "@/db/testing";
import { enqueue } from "@/lib/sandbox/amazon/news";
import { checkout, getSandboxStore, setStoreSettings } from "@/lib/sandbox/stores";
import { makeChannel, makeMerchant } from "@/lib/services/testing/fixtures";
import type { Random } from "@/lib/simulation/random";
import { type LiveShop, type LiveStore, openLiveShop, until } from "../pipeline/live-shop";

export type QueueSiege = {
	attacks: number;
	kinds: number;
	/** In the inbox of a merchant whose store the messages named. */
	strangersMail: number;
	/** Read while the sum of its bytes was wrong. */
	damagedTaken: number;
	/** Units that moved in the ledger before anything was sold. */
	moved: number;
	/** Units beside the truth that the store shows, or listings that are taken for gone. */
	wrong: number;
	/** Loops that ended in an error. */
	errors: number;
	isLive: boolean;
	/** A sale behind all of it was heard of. */
	isHeard: boolean;
	/** A consumer that believes what it reads would have set so many levels. */
	believed: number;
};

const sku = "LAMP";
const startsAt = 100;

type Names = { ours: string; strangers: string };
type Forge = (names: Names, random: Random) => string;

const notification = (type: string, Payload: unknown) =>
	JSON.stringify({
		NotificationVersion: "1.0",
		NotificationType: type,
		PayloadVersion: "1.0",
		EventTime: new Date().toISOString(),
		Payload,
		NotificationMetadata: {
			ApplicationId: "a",
			SubscriptionId: "s",
			PublishTime: "now",
			NotificationId: randomUUID(),
		},
	});

const quantity = (SellerId: string, Quantity: unknown) =>
	notification("LISTINGS_ITEM_MFN_QUANTITY_CHANGE", {
		SellerId,
		FulfillmentChannelCode: "DEFAULT",
		Sku: sku,
		Quantity,
	});

const order = (SellerId: string, AmazonOrderId: unknown, units: number) =>
	notification("ORDER_CHANGE", {
		OrderChangeNotification: {
			SellerId,
			AmazonOrderId,
			OrderChangeType: "OrderStatusChange",
			Summary: {
				OrderStatus: "Unshipped",
				FulfillmentType: "MFN",
				OrderItems: [{ SellerSKU: sku, Quantity: units }],
			},
		},
	});

const orderId = (random: Random) =>
	`${random.int(100, 999)}-${random.int(1_000_000, 9_999_999)}-${random.int(1_000_000, 9_999_999)}`;

const forges: Record<string, Forge> = {
	"another merchant's store": ({ strangers }, random) => quantity(strangers, random.int(0, 999)),
	"an order of another merchant's store": ({ strangers }, random) => order(strangers, orderId(random), 5),
	"a seller whom nobody knows": (_, random) => quantity(`A${random.int(1_000, 9_999)}`, random.int(0, 999)),
	"a level that is not so": ({ ours }, random) => quantity(ours, random.int(0, 999)),
	"an order that there is not": ({ ours }, random) => order(ours, orderId(random), 5),
	"a level that is no number": ({ ours }, random) => quantity(ours, random.pick(["7", -1e308, 1.5, {}, [], true])),
	"an order that is no text": ({ ours }, random) => order(ours, random.pick([7, {}, [], "", true]), 5),
	"a path for an order": ({ ours }) => order(ours, "../../listings/2021-08-01/items", 5),
	"a type that nobody knows": ({ ours }, random) => notification(`TYPE_${random.int(0, 99)}`, { SellerId: ours }),
	"no payload": () => notification("ORDER_CHANGE", null),
	"no JSON": (_, random) => `not JSON ${random.next()}`,
	"JSON that is no notification": (_, random) => random.pick(["{}", "[]", "7", "null", '"text"', '{"detail":[]}']),
	"half a notification": ({ ours }, random) => quantity(ours, 7).slice(0, random.int(1, 200)),
};

/** Whoever believes the queue takes the number, and has one SKU of that name. */
function believes(body: string): boolean {
	try {
		const said = JSON.parse(body);
		return typeof said?.Payload?.Quantity === "number" && said.Payload.Sku === sku;
	} catch {
		return false;
	}
}

export async function siegeOfQueue(database: TestDatabase, count: number, random: Random): Promise<QueueSiege> {
	const shop = await openLiveShop(database, {
		platforms: ["amazon"],
		stock: { [sku]: startsAt },
		settings: { queueDamageRate: 1 },
	});
	try {
		const [store] = shop.stores as [LiveStore];
		const sql = database.ownerClient;
		const [own] = await sql<{ store_key: string }[]>`select store_key from channels where id = ${store.channelId}`;
		const strangers = await makeChannel(database, await makeMerchant(database), { platform: "amazon" });
		const names = { ours: own?.store_key ?? "", strangers };
		const kinds = Object.values(forges);
		const bodies = Array.from({ length: count }, (_, index) => (kinds[index % kinds.length] as Forge)(names, random));

		const before = await mailOf(database, store.channelId);
		await put(shop, store, bodies.slice(0, kinds.length));
		await until("the damaged to be fetched", 30_000, async () => (await untouched(database, store)) === 0);
		const damagedTaken = (await mailOf(database, store.channelId)) - before;

		await setStoreSettings(shop.sandbox.ctx, store.storeId, { queueDamageRate: 0 });
		await put(shop, store, bodies.slice(kinds.length));
		await until("an empty queue", 240_000, async () => {
			// What came damaged would stay hidden for a minute.
			await sql`update sandbox.deliveries set due_at = now() where store_id = ${store.storeId} and state = 'queued'
				and attempts > 0 and due_at < now() + interval '55 seconds'`;
			return (await queued(database, store)) === 0;
		});
		await shop.rest(120_000);
		const moved = Math.abs(startsAt - (await onHand(database)));
		const shown = (await shop.shown(store)).get(sku);
		const [gone] = await sql<
			{ count: number }[]
		>`select count(*)::int as count from listings where channel_id = ${store.channelId} and gone_at is not null`;

		await checkout(shop.sandbox.ctx, store.storeId, [{ sku, quantity: 3 }]);
		const isHeard = await until("the sale", 60_000, async () => (await onHand(database)) === startsAt - 3 - moved).then(
			() => true,
			() => false,
		);
		const [channel] = await sql<{ state: string }[]>`select state from channels where id = ${store.channelId}`;
		return {
			attacks: count,
			kinds: kinds.length,
			strangersMail: await mailOf(database, strangers),
			damagedTaken,
			moved,
			wrong: Math.abs((shown ?? 0) - startsAt) + (gone?.count ?? 0),
			errors: shop.runner.errors.length,
			isLive: channel?.state === "live",
			isHeard,
			believed: bodies.filter(believes).length,
		};
	} finally {
		await shop.close();
	}
}

async function put(shop: LiveShop, { storeId }: LiveStore, bodies: readonly string[]): Promise<void> {
	const { ctx } = shop.sandbox;
	const store = await getSandboxStore(ctx, storeId);
	if (!store) throw new Error("the store is gone");
	await ctx.db.transaction(async (tx) => {
		for (const body of bodies) await enqueue(tx, ctx, store, body, "forged", 0);
	});
}

async function mailOf({ ownerClient }: TestDatabase, channelId: string): Promise<number> {
	const [row] = await ownerClient<
		{ count: number }[]
	>`select count(*)::int as count from inbox where channel_id = ${channelId}`;
	return row?.count ?? 0;
}

async function queued({ ownerClient }: TestDatabase, { storeId }: LiveStore): Promise<number> {
	const [row] = await ownerClient<{ count: number }[]>`
		select count(*)::int as count from sandbox.deliveries where store_id = ${storeId} and state = 'queued'`;
	return row?.count ?? 0;
}

async function untouched({ ownerClient }: TestDatabase, { storeId }: LiveStore): Promise<number> {
	const [row] = await ownerClient<{ count: number }[]>`
		select count(*)::int as count from sandbox.deliveries where store_id = ${storeId} and state = 'queued' and attempts = 0`;
	return row?.count ?? 0;
}

async function onHand({ ownerClient }: TestDatabase): Promise<number> {
	const [row] = await ownerClient<{ on_hand: number }[]>`
		select l.on_hand from levels l join skus k on k.id = l.sku_id where k.code = ${sku}`;
	return row?.on_hand ?? Number.NaN;
}

export const isUnmoved = (one: QueueSiege): boolean =>
	one.isLive && one.isHeard && one.strangersMail + one.damagedTaken + one.moved + one.wrong + one.errors === 0;
