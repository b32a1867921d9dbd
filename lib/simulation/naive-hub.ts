import { offer } from "@/lib/stock/offer";
import { openPolicy } from "@/lib/stock/offer-policy";
import type { Clock } from "./clock";
import { type Hub, pollEveryMs } from "./hub";
import type { Sale, Store } from "./store";

/**
 * The classic: on every sale that it hears of, it writes its own number to every store. `readFirst`: reads the level
 * and compares with what it just read, which always passes.
 */
export class NaiveHub implements Hub {
	readonly heard: Map<number, Sale>[];
	calls = 0;
	private onHand: number;
	private writes = 0;

	constructor(
		private readonly stores: readonly Store[],
		stock: number,
		private readonly clock: Clock,
		private readonly readFirst: boolean,
		private readonly everyMs = pollEveryMs,
	) {
		this.onHand = stock;
		this.heard = stores.map(() => new Map());
	}

	get offer(): number {
		return offer({ available: this.onHand, paceUnits: 0, units: 1 }, openPolicy).quantity;
	}

	start(): void {
		this.stores.forEach((_, channel) => {
			this.clock.after((this.everyMs / this.stores.length) * (channel + 1), () => this.poll(channel));
		});
	}

	hear(channel: number, sale: Sale): void {
		const before = this.heard[channel]?.get(sale.id);
		if (before && before.changedAt >= sale.changedAt) return;
		this.heard[channel]?.set(sale.id, sale);
		this.onHand -= sale.units - (before?.units ?? 0);
		this.stores.forEach((store) => {
			this.push(store);
		});
	}

	private poll(channel: number): void {
		this.calls++;
		(this.stores[channel] as Store).readOrders((sales) => {
			for (const sale of sales) this.hear(channel, sale);
			this.clock.after(this.everyMs, () => this.poll(channel));
		});
	}

	private push(store: Store): void {
		const quantity = this.offer;
		const key = `write${++this.writes}`;
		this.calls++;
		if (!this.readFirst) {
			store.write({ key, kind: "set", quantity, expected: 0 }, () => {});
			return;
		}
		this.calls++;
		store.readLevel((expected, reservations) => {
			const kind = reservations ? "over" : "compare";
			store.write({ key, kind, quantity, expected, open: reservations?.open }, () => {});
		});
	}
}
