/** One sandbox store, the connection to it, and everybody's hands: the owner's, a buyer's, and ours. */
import type { OwnersStep, Payment, Restriction, SeedProduct } from "@/lib/sandbox/sandbox-platform";
import * as stores from "@/lib/sandbox/stores";
import type { TestSandbox } from "@/lib/sandbox/testing";
import { handsOn, type Line } from "@/lib/sandbox/testing/hands";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { Page, RemoteListing, WriteRow } from "../listing";
import { meantBy } from "../paste-reading";
import { connectionsTo } from "./connection";
import type { ConformanceOptions } from "./options";
import { readAll } from "./read-all";

/** Throttled again and again: the wait that it names is not the wait that it needs. */
const mostTries = 50;
const renewedAheadMs = 5 * 60_000;

type Level = { externalKey: string; ids: Record<string, string> };

export type Shop = Awaited<ReturnType<typeof openShop>>;

export async function openShop(sandbox: TestSandbox, options: ConformanceOptions, seed: SeedProduct[]) {
	const { adapter } = options;
	const { ctx } = sandbox;
	const store = await stores.createSandboxStore(ctx, {
		platform: adapter.facts.platform as Parameters<typeof stores.createSandboxStore>[1]["platform"],
		name: "Conformance",
		products: seed,
		settings: options.settings,
	});
	const id = store.id;
	const hands = handsOn(sandbox, id);
	const keys = await stores.sandboxKeys(ctx, id);
	const pasted = options.pasteForm && meantBy(options.pasteForm.readKeys(keys.access));
	const access = pasted?.access ?? options.accessOf?.(keys.access) ?? keys.access;
	const app = { clientId: keys.access.clientId ?? "", clientSecret: keys.access.clientSecret ?? "" };
	const connectWith = connectionsTo({ baseUrl: keys.baseUrl, now: sandbox.now });
	let expiresAt = pasted?.expiresAt ?? null;
	const connection = connectWith(access);
	const { store: identity, checks } = await adapter.connect(connection);
	if (!identity) throw new Error(`The sandbox store can't be connected: ${JSON.stringify(checks)}`);
	const location = identity.locations.find(({ isActive }) => isActive) ?? identity.locations[0];
	connection.locationRef = location?.ref ?? "";
	connection.facts = { ...identity.facts, locations: identity.locations };
	await renewIfDue();

	/** As ahead of every call in production. */
	async function renewIfDue(): Promise<void> {
		if (!adapter.refreshAccess || expiresAt === null) return;
		if (expiresAt.getTime() - sandbox.now().getTime() > renewedAheadMs) return;
		const renewed = await adapter.refreshAccess(connection, app);
		Object.assign(connection, { access: renewed.access, http: connectWith(renewed.access).http });
		expiresAt = renewed.expiresAt;
	}

	/** Puts the clock forward, and keeps the access fresh. */
	async function pass(ms: number): Promise<void> {
		sandbox.putForward(ms);
		await renewIfDue();
	}

	/** Waits for as long as the platform asks, on the clock that can be put forward. */
	async function patiently<T>(work: () => Promise<T>, troubleOf: (answer: T) => ChannelError | null = () => null) {
		for (let tries = 1; ; tries++) {
			const answer = await work().catch((error) => {
				if (error instanceof ChannelError && error.reason === "throttled" && tries < mostTries) return error;
				throw error;
			});
			const trouble = answer instanceof ChannelError ? answer : troubleOf(answer);
			if (!(answer instanceof ChannelError) && (trouble?.reason !== "throttled" || tries === mostTries)) return answer;
			await pass(trouble?.retryAfterMs ?? 1_000);
		}
	}

	async function pagesOf<T>(
		read: (page: string | null) => Promise<Page<T>>,
		between?: (pages: number) => Promise<void>,
	) {
		let pages = 0;
		const items = await readAll(async (page) => {
			if (pages > 0) await between?.(pages);
			pages++;
			return patiently(() => read(page));
		});
		return { items, pages };
	}

	const listings = (changedSince: Date | null = null) =>
		pagesOf((page) => adapter.listListings(connection, changedSince, page)).then(({ items }) => items);

	let known: RemoteListing[] | null = null;
	/** Of the first import. */
	async function listing(sku: string): Promise<RemoteListing> {
		known ??= await listings();
		const found = known.find((one) => one.sku === sku);
		if (!found) throw new Error(`The import brought no listing of ${JSON.stringify(sku)}.`);
		return found;
	}

	return {
		id,
		keys,
		pasted,
		connection,
		/** The same store through other eyes. */
		connectionWith: (more: Partial<Connection>): Connection => ({
			...connectWith(more.access ?? access),
			locationRef: connection.locationRef,
			facts: connection.facts,
			...more,
		}),
		pagesOf,
		listings,
		listing,
		/** What a write of `quantity` is, where we believe that the store shows `expected`. */
		async row(sku: string, quantity: number, expected?: number): Promise<WriteRow> {
			const { externalKey, ids, quantity: shown } = await listing(sku);
			return { externalKey, ids, quantity, expected: expected ?? shown ?? 0 };
		},
		/** Of these rows, those that may share a call with the first. */
		together(rows: WriteRow[]): WriteRow[] {
			const { batchKey, largestBatch } = adapter.facts;
			const [first] = rows;
			const fitting = rows.filter(({ ids }) => !batchKey || (first && batchKey(ids) === batchKey(first.ids)));
			return fitting.slice(0, largestBatch);
		},
		write: (rows: WriteRow[], key: string = crypto.randomUUID(), as: Connection = connection) =>
			patiently(
				() => adapter.writeQuantities(as, rows, key),
				({ trouble }) => trouble,
			),
		levels: (of: Level[]) => patiently(() => adapter.readLevels(connection, of)),
		async level(sku: string) {
			const one = await listing(sku);
			const [level] = await patiently(() => adapter.readLevels(connection, [one]));
			return level;
		},
		app,
		pass,
		patiently,
		shows: hands.shows,
		quantities: () => stores.quantities(ctx, id),
		seed: (more: SeedProduct[]) => stores.seedStore(ctx, id, more),
		buy: (lines: Line[] | string, payment?: Payment) =>
			hands.buyAll(typeof lines === "string" ? [{ sku: lines, quantity: 1 }] : lines, payment),
		/** What every platform lets be cancelled: an order that has taken its units, unpaid where it knows such a thing. */
		buyOpen(lines: Line[]): Promise<string> {
			const { placed_unpaid, payment_awaited } = adapter.facts.stockMoments;
			if (placed_unpaid?.effect === "takes") return this.buy(lines, "unpaid");
			return this.buy(lines, payment_awaited?.effect === "takes" ? "awaited" : "paid");
		},
		async order(orderRef: string): Promise<OrderSnapshot> {
			const order = await patiently(() => adapter.readOrder(connection, orderRef));
			if (!order) throw new Error(`The store does not know its order ${orderRef}.`);
			return order;
		},
		/** After the time by which the list of orders may trail. */
		async orders(since: Date, between?: (pages: number) => Promise<void>): Promise<OrderSnapshot[]> {
			await pass(adapter.facts.orderListLagMs);
			return (await pagesOf((page) => adapter.listOrders(connection, since, page), between)).items;
		},
		setQuantity: (sku: string, quantity: number) => stores.setQuantity(ctx, id, sku, quantity),
		cancel: (orderId: string, restock: boolean) => stores.cancelOrder(ctx, id, orderId, restock),
		refund: (orderId: string, lines: Line[], restock: boolean | "elsewhere") =>
			stores.refundOrder(ctx, id, orderId, lines, restock),
		edit: (orderId: string, sku: string, quantity: number) => stores.editOrder(ctx, id, orderId, sku, quantity),
		take: (orderId: string, step: OwnersStep) => stores.takeStep(ctx, id, orderId, step),
		remove: (sku: string) => stores.removeProduct(ctx, id, sku),
		restrict: (to: Restriction) => stores.restrictKeys(ctx, id, to),
		turn: (knobs: Parameters<typeof stores.setKnobs>[2]) => stores.setKnobs(ctx, id, knobs),
		calm: () => stores.calmStore(ctx, id),
		webhooks: () => stores.standingWebhooks(ctx, id),
		giveUp: (webhooks: stores.StandingWebhook[]) => stores.giveUpWebhooks(ctx, id, webhooks),
		/** Whether news is on its way still. */
		async isMailWaiting(): Promise<boolean> {
			return ((await stores.countDeliveries(ctx, id)).waiting ?? 0) > 0;
		},
	};
}
