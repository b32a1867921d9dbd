/**
 * A store as thin as can be, for measuring lag: it compares and sets as Shopify does, answers after a fixed round trip,
 * and remembers when it acknowledged which number. Everything else about Shopify is the sandbox's business.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Acknowledged = { item: string; quantity: number; at: number };

export type FastStore = {
	baseUrl: (channel: number) => string;
	/** By channel, in order. */
	acknowledged: Acknowledged[][];
	/** A sale of the store's own: it shows one less at once. */
	sell(channel: number, item: string): void;
	calls: number[];
	/** Writes that raised what a store shows. */
	raised: number;
	stale: number;
	stop(): void;
};

type Row = { inventoryItemId: string; quantity: number; changeFromQuantity: number };

export async function startFastStore(options: { channels: number; stock: number; rttMs: number }): Promise<FastStore> {
	const shows = Array.from({ length: options.channels }, () => new Map<string, number>());
	const acknowledged: Acknowledged[][] = shows.map(() => []);
	const calls = shows.map(() => 0);
	const store = { raised: 0, stale: 0 };
	const bucket = {
		cost: {
			requestedQueryCost: 13,
			actualQueryCost: 13,
			throttleStatus: { maximumAvailable: 20000, currentlyAvailable: 19000, restoreRate: 1000 },
		},
	};

	const server = createServer((incoming, outgoing) => {
		const arrivedAt = performance.now();
		const channel = Number(incoming.url?.split("/")[1] ?? 0);
		const chunks: Buffer[] = [];
		incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
		incoming.on("end", () => {
			const asked = JSON.parse(Buffer.concat(chunks).toString()) as {
				query: string;
				variables: { input?: { quantities?: Row[] } };
			};
			const rows = asked.variables.input?.quantities;
			// Half of the round trip on the way there, half on the way back.
			setTimeout(() => {
				const reply = rows && asked.query.includes("inventorySetQuantities") ? set(channel, rows) : empty(asked.query);
				setTimeout(
					() => {
						const now = performance.now();
						if (rows && reply.applied)
							for (const row of rows)
								acknowledged[channel]?.push({ item: row.inventoryItemId, quantity: row.quantity, at: now });
						outgoing
							.writeHead(200, { "content-type": "application/json" })
							.end(JSON.stringify({ data: reply.data, extensions: bucket }));
					},
					Math.max(0, arrivedAt + options.rttMs - performance.now()),
				);
			}, options.rttMs / 2);
		});
	});

	function set(channel: number, rows: Row[]) {
		calls[channel] = (calls[channel] ?? 0) + 1;
		const level = shows[channel] as Map<string, number>;
		const staleAt = rows.findIndex(
			(row) => (level.get(row.inventoryItemId) ?? options.stock) !== row.changeFromQuantity,
		);
		if (staleAt >= 0) {
			store.stale++;
			const error = {
				code: "CHANGE_FROM_QUANTITY_STALE",
				field: ["input", "quantities", String(staleAt), "changeFromQuantity"],
				message: "The changeFromQuantity value does not match persisted value.",
			};
			return {
				applied: false,
				data: { inventorySetQuantities: { inventoryAdjustmentGroup: null, userErrors: [error] } },
			};
		}
		for (const row of rows) {
			if (row.quantity > row.changeFromQuantity) store.raised++;
			level.set(row.inventoryItemId, row.quantity);
		}
		return { applied: true, data: { inventorySetQuantities: { inventoryAdjustmentGroup: null, userErrors: [] } } };
	}

	const empty = (query: string) => ({
		applied: false,
		data: query.includes("orders(") ? { orders: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } } : {},
	});

	server.keepAliveTimeout = 60_000;
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return {
		baseUrl: (channel) => `http://127.0.0.1:${port}/${channel}`,
		acknowledged,
		calls,
		sell(channel, item) {
			const level = shows[channel] as Map<string, number>;
			level.set(item, (level.get(item) ?? options.stock) - 1);
		},
		get raised() {
			return store.raised;
		},
		get stale() {
			return store.stale;
		},
		stop() {
			server.closeAllConnections();
			server.close();
		},
	};
}
