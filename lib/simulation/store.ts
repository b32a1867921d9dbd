/**
 * A store as the platforms are: it sells by itself, its news comes late or not at all, its list of orders is stale, its
 * answers get lost and its writes may land long after anybody waits for them.
 */
import type { Reservations } from "@/lib/stock/slot";
import type { WriteMode } from "@/lib/stock/write-mode";
import type { Clock } from "./clock";
import type { Luck } from "./luck";
import type { StoreHabits } from "./store-habits";

/**
 * An order as the store tells it: what it has taken by now. Stamps are by the store's own clock.
 * `changedAt`: as long as nothing changed, when it was placed.
 */
export type Sale = { id: number; units: number; at: number; changedAt: number };

/**
 * How a store is written; of an accepting one the answer says no more than that the write was taken in; one below zero
 * takes a difference whatever is there.
 */
export type StoreKind = WriteMode | `accepting ${WriteMode}` | "delta below zero";

export const isAccepting = (kind: StoreKind): boolean => kind.startsWith("accepting ");
export const takesBelowZero = (kind: StoreKind): boolean => kind === "delta below zero";
export const modeOf = (kind: StoreKind): WriteMode =>
	kind.replace("accepting ", "").replace(" below zero", "") as WriteMode;

export type Write = {
	key: string;
	/** `close`: nothing is sold, whatever lies there. */
	kind: "compare" | "delta" | "set" | "over" | "close";
	quantity: number;
	expected: number;
	/** Written on top of the quantity for open orders; closing, all that is left lying there. */
	open?: number;
};

export type Answer = "applied" | "stale" | "accepted" | "lost";
/** `shown`: what it shows after a write that it has applied; null: it says nothing of it. */
export type Answered = (result: Answer, shown: number | null) => void;

/** A write as it reached the store, for the judge. `isAnswerLost`: nobody could tell at the time that it did. */
export type Landing = { write: Write; before: number; after: number; isAnswerLost: boolean };

export class Store {
	/** As they are now, by id from one on. */
	readonly sales: Sale[] = [];
	/** The same as they were placed, and when by the true clock their last change was. */
	private readonly placed: { sale: Sale; changedAt: number }[] = [];
	/** When which of them was placed or changed, by the true clock. */
	private readonly changes: { id: number; at: number }[] = [];
	private readonly answered = new Map<string, "applied" | "stale">();
	/** What it showed since when; the last is what it shows. */
	readonly history: { at: number; shows: number }[];
	/** Told of each change of what it shows, whoever made it, as a level webhook tells it. */
	onShown: ((shows: number) => void) | null = null;

	constructor(
		readonly habits: StoreHabits,
		initial: number,
		protected readonly clock: Clock,
		public luck: Luck,
		private readonly onNews: (sale: Sale) => void,
		private readonly onLanding: (landing: Landing) => void,
	) {
		this.history = [{ at: clock.now, shows: initial }];
	}

	get shows(): number {
		return this.history.at(-1)?.shows ?? 0;
	}

	protected show(shows: number): void {
		this.history.push({ at: this.clock.now, shows });
		this.onShown?.(shows);
	}

	/** Somebody types a number in the store's own admin. */
	edit(shows: number): void {
		this.show(shows);
	}

	/** A buyer; refused when the store shows too few. The news of it comes after `newsMs` (null: never), or as luck has it. */
	sell(units: number, newsMs?: number | null): Sale | null {
		if (this.shows < units) return null;
		this.show(this.shows - units);
		const { now } = this.clock;
		const sale = { id: this.sales.length + 1, units, at: this.stamp, changedAt: this.stamp };
		this.sales.push(sale);
		this.placed.push({ sale, changedAt: now });
		this.changes.push({ id: sale.id, at: now });
		this.tell(sale, newsMs);
		return sale;
	}

	/** An order is cancelled, and its units are for sale again; the news of it comes as that of a sale does. */
	giveBack(id: number): number {
		const sale = this.sales[id - 1];
		const placed = this.placed[id - 1];
		if (!sale || !placed || sale.units === 0) return 0;
		this.restock(sale);
		// Two changes of one order don't bear one stamp.
		const changed = { ...sale, units: 0, changedAt: Math.max(this.stamp, sale.changedAt + 1) };
		this.sales[id - 1] = changed;
		placed.changedAt = this.clock.now;
		this.changes.push({ id, at: this.clock.now });
		this.tell(changed);
		return sale.units;
	}

	protected restock({ units }: Sale): void {
		this.show(this.shows + units);
	}

	private get stamp(): number {
		return this.clock.now + (this.habits.clockAheadMs ?? 0);
	}

	private tell(sale: Sale, newsMs?: number | null): void {
		const news = newsMs === undefined ? this.luck.newsMs() : newsMs;
		if (news !== null) this.clock.after(this.downMs + news, () => this.onNews(sale));
	}

	write(write: Write, answer: Answered): void {
		if (this.downMs > 0) {
			this.clock.after(timeoutMs, () => answer("lost", null));
			return;
		}
		const there = this.oneWay();
		const unansweredMs = this.luck.unansweredMs(there);
		if (unansweredMs !== null) {
			this.clock.after(unansweredMs, () => this.land(write, true));
			this.clock.after(timeoutMs, () => answer("lost", null));
			return;
		}
		this.clock.after(there, () => {
			const result = this.habits.accepts ? this.accept(write) : this.land(write, false);
			const shown = result === "applied" ? this.shows : null;
			this.clock.after(this.oneWay(), () => answer(result, shown));
		});
	}

	/** Orders that the list has by now, of those that were placed or changed after `since`, by the true clock. */
	readOrders(answer: (sales: readonly Sale[]) => void, since = Number.NEGATIVE_INFINITY): void {
		this.clock.after(this.oneWay(), () => {
			const listed = this.listed(this.clock.now - this.luck.listLagMs(), since);
			this.clock.after(this.oneWay(), () => answer(listed));
		});
	}

	/** What a list of orders says that is as of then. */
	protected listed(upTo: number, since = Number.NEGATIVE_INFINITY): Sale[] {
		const ids = new Set<number>();
		for (let n = this.changes.length - 1; n >= 0; n--) {
			const { id, at } = this.changes[n] as { id: number; at: number };
			if (at <= since) break;
			if (at <= upTo) ids.add(id);
		}
		return [...ids]
			.sort((a, b) => a - b)
			.map((id) => {
				const { sale, changedAt } = this.placed[id - 1] as (typeof this.placed)[number];
				return changedAt > upTo ? sale : (this.sales[id - 1] as Sale);
			});
	}

	readLevel(answer: (quantity: number, reservations?: Reservations) => void): void {
		this.clock.after(this.oneWay(), () => {
			const quantity = this.shows;
			this.clock.after(this.oneWay(), () => answer(quantity));
		});
	}

	private accept(write: Write): "accepted" {
		const appliesMs = this.luck.appliesMs();
		if (appliesMs !== null) this.clock.after(appliesMs, () => this.land(write, true));
		return "accepted";
	}

	/** A key that was seen replays its answer, as on the platforms that compare. */
	private land(write: Write, isAnswerLost: boolean): "applied" | "stale" {
		const known = write.kind === "compare" ? this.answered.get(write.key) : undefined;
		if (known) return known;
		const before = this.shows;
		const result = this.take(write);
		this.answered.set(write.key, result);
		if (result === "applied") this.onLanding({ write, before, after: this.shows, isAnswerLost });
		return result;
	}

	/** What a write does here. */
	protected take(write: Write): "applied" | "stale" {
		const after = write.kind === "delta" ? this.shows + write.quantity - write.expected : write.quantity;
		// More than there is can't be taken, or all the same.
		const isTooFew = after < 0 && !this.habits.takesBelowZero;
		if (write.kind === "compare" ? this.shows !== write.expected : isTooFew) return "stale";
		this.show(after);
		return "applied";
	}

	protected oneWay(): number {
		return this.downMs + this.luck.oneWayMs();
	}

	/** How long it still answers nobody. */
	private get downMs(): number {
		const { outage } = this.habits;
		const { now } = this.clock;
		return outage && now >= outage.from ? Math.max(0, outage.until - now) : 0;
	}
}

/** After this the caller gives up waiting for an answer. */
export const timeoutMs = 10_000;
