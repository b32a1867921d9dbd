/**
 * A store that takes its open orders off by itself: it sells what lies there less what is reserved for them. A sale is a
 * reservation; a shipment takes from both, at once or at any later moment; a write says what lies there.
 */
import type { Reservations } from "@/lib/stock/slot";
import type { Clock } from "./clock";
import type { Luck } from "./luck";
import { type Answered, type Landing, type Sale, Store, type Write } from "./store";
import type { StoreHabits } from "./store-habits";

/** A shipment that found too little lying there is tried again after this. */
const shipAgainMs = 60_000;

export class ReservingStore extends Store {
	private source: number;
	private readonly shippedAt = new Map<number, number>();
	private open = 0;
	private isClosed = false;
	private shipped = 0;
	/** Units that had been shipped when what it last answered was so. */
	private shippedWhenRead = 0;
	private readonly shippedWhenSent = new Map<string, number>();
	/** Shipments that found too little lying there. */
	blocked = 0;

	constructor(
		habits: StoreHabits,
		initial: number,
		clock: Clock,
		luck: Luck,
		onNews: (sale: Sale) => void,
		onLanding: (landing: Landing) => void,
	) {
		super(habits, initial, clock, luck, onNews, onLanding);
		this.source = initial;
	}

	override sell(units: number, newsMs?: number | null): Sale | null {
		const sale = super.sell(units, newsMs);
		if (!sale) return null;
		this.open += units;
		const shipsMs = this.luck.shipsMs();
		if (shipsMs !== null) this.clock.after(shipsMs, () => this.ship(sale));
		return sale;
	}

	override write(write: Write, answer: Answered): void {
		this.shippedWhenSent.set(write.key, this.shippedWhenRead);
		super.write(write, answer);
	}

	/** Units that were shipped since its writer read what lies here. */
	shippedSince({ key }: Write): number {
		return this.shipped - (this.shippedWhenSent.get(key) ?? 0);
	}

	override edit(shows: number): void {
		this.source = shows + this.open;
		this.isClosed = false;
		super.edit(shows);
	}

	protected override restock({ id, units }: Sale): void {
		if (this.shippedAt.has(id)) this.source += units;
		else this.open -= units;
		this.show(this.isClosed ? 0 : this.source - this.open);
	}

	private ship(sale: Sale): void {
		if (this.sales[sale.id - 1]?.units === 0) return;
		if (this.source < sale.units) {
			this.blocked++;
			this.clock.after(shipAgainMs, () => this.ship(sale));
			return;
		}
		this.source -= sale.units;
		this.open -= sale.units;
		this.shipped += sale.units;
		this.shippedAt.set(sale.id, this.clock.now);
	}

	protected override take({ kind, quantity, open = 0 }: Write): "applied" {
		this.source = quantity + open;
		this.isClosed = kind === "close";
		this.show(this.isClosed ? 0 : this.source - this.open);
		return "applied";
	}

	/**
	 * Two calls: salable units first, then what lies there. Of a closed listing nobody says what is reserved: that is told by the list of
	 * orders, as stale as it may be.
	 */
	override readLevel(answer: (quantity: number, reservations?: Reservations) => void): void {
		this.clock.after(this.oneWay(), () => {
			const salable = this.shows;
			const listed = this.isClosed ? this.asListed() : null;
			this.clock.after(this.oneWay() + this.oneWay(), () => {
				const { source, shipped } = this;
				this.clock.after(this.oneWay(), () => {
					this.shippedWhenRead = listed?.shipped ?? shipped;
					answer(salable, { source, open: listed?.open ?? source - salable });
				});
			});
		});
	}

	private asListed(): { open: number; shipped: number } {
		const upTo = this.clock.now - this.luck.listLagMs();
		let open = 0;
		let shipped = 0;
		for (const { id, units } of this.listed(upTo)) {
			if ((this.shippedAt.get(id) ?? Number.POSITIVE_INFINITY) <= upTo) shipped += units;
			else open += units;
		}
		return { open, shipped };
	}
}

/** A store of the habits' write mode. */
export const openStore = (...args: ConstructorParameters<typeof Store>): Store =>
	args[0].mode === "over_reservations" ? new ReservingStore(...args) : new Store(...args);
