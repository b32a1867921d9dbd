/** The hub: what it hears of its stores and writes to them, driven by the production rules of lib/stock. */
import { doubtOf, ordersWantedAt, sellableOf } from "@/lib/stock/bound";
import { believed, emptySlot, type Flight, type Slot, type SlotFacts } from "@/lib/stock/slot";
import { acceptShown, hearLevel, hearSale, reoffer } from "@/lib/stock/slot-news";
import { planWrite } from "@/lib/stock/slot-plan";
import { claim, hearOrdersRead, type Outcome, settle } from "@/lib/stock/slot-writes";
import { adaptiveFor } from "@/lib/stock/strategy";
import type { Clock } from "./clock";
import { type DealOptions, DealtStock } from "./dealt-stock";
import type { Sale, Store, Write } from "./store";

export type Hub = {
	/** A webhook came. */
	hear(channel: number, sale: Sale): void;
	/** Orders heard of, by channel, each as it was last told. */
	readonly heard: readonly ReadonlyMap<number, Sale>[];
	/** What it would have every channel show, by what it has heard. */
	readonly offer: number;
	readonly calls: number;
	start(): void;
};

/** How often a hub asks each store for its orders, whatever it was told. */
export const pollEveryMs = 60_000;

/** As lib/services/mail waits for the order that may explain the level. */
const hintGraceMs = 2_000;
const claimLeaseMs = 60_000;
/** Until somebody has looked at a store that applies nothing, and has it sent again. */
const lookedAtMs = 5 * 60_000;

export type HubOptions = DealOptions & {
	scarceUnits: number;
	paceMs: number;
	ordersFreshMs: number;
	/** What becomes of a level that nothing explains; the master wins unless said otherwise. */
	drift?: "master_wins" | "channel_counts";
	/** How often each level is read whatever anybody told of it (R7). */
	auditEveryMs?: number;
	/** A twin's mistake: no answer is taken for a no. */
	retriesBlindly?: boolean;
	/** A twin's mistake: instead of the stores' own. */
	lateWriteMs?: number;
	/** A twin's mistake: nothing is held back for what open orders ship while a write is under way. */
	doubtsNoShipment?: boolean;
	/** A twin's mistake: the stores' clocks are taken for ours. */
	trustsStamps?: boolean;
	/** A twin's mistake: an order that was changed before it was first heard of has always been as it is. */
	forgetsReturns?: boolean;
	/** A twin's mistake: what was accepted is taken for applied. */
	takesAcceptedForApplied?: boolean;
	/** A twin's mistake: what a difference took below zero is taken for units that were there. */
	forgetsBelowZero?: boolean;
	/** A twin's mistake: what sells is written where what lies there should be. */
	forgetsOpenOrders?: boolean;
};

/** Ours: what lib/services does around the same rules, without the database. */
export class ProductionHub implements Hub {
	readonly heard: Map<number, Sale>[];
	calls = 0;
	private readonly stock: DealtStock;
	private readonly slots: Slot[];
	private readonly facts: SlotFacts[];
	private readonly isReading: boolean[];
	private readonly ordersReadAt: (number | null)[];
	/** Signed units of each difference that was taken for an edit. */
	readonly edits: { channel: number; units: number }[] = [];
	private pushes = 0;
	/** Rises with every crash: what was under way then is forgotten. */
	private life = 0;
	private readonly wantsOrdersAt: number[];

	constructor(
		private readonly stores: readonly Store[],
		onHand: number | readonly number[],
		private readonly clock: Clock,
		private readonly options: HubOptions,
	) {
		this.heard = stores.map(() => new Map());
		this.isReading = stores.map(() => false);
		this.ordersReadAt = stores.map(() => null);
		this.wantsOrdersAt = stores.map(() => Number.POSITIVE_INFINITY);
		this.slots = stores.map((store) => ({
			...emptySlot,
			offered: store.shows,
			expected: store.shows,
			shown: store.shows,
			shownAt: clock.now,
			sellable: sellableOf(store.shows),
		}));
		this.facts = stores.map(({ habits }) => ({
			writeMode: habits.mode,
			orderListLagMs: habits.orderListLagMs,
			lateWriteMs: habits.lateWriteMs,
			appliesAfterMs: habits.accepts?.usuallyMs ?? null,
			takesBelowZero: habits.takesBelowZero === true && !options.forgetsBelowZero,
			...options,
		}));
		this.stock = new DealtStock([onHand].flat(), stores.length, clock, options, adaptiveFor(this.facts));
	}

	get offer(): number {
		return this.stock.formula(0);
	}

	start(): void {
		this.move(0, null);
		this.stores.forEach((_, channel) => {
			this.pollAgain(channel, (pollEveryMs / this.stores.length) * (channel + 1));
			if (this.options.auditEveryMs) this.audit(channel, this.options.auditEveryMs);
		});
	}

	private audit(channel: number, everyMs: number): void {
		this.clock.after(everyMs, () => {
			const slot = this.slot(channel);
			if (slot.readDueAt === null) this.slots[channel] = { ...slot, readDueAt: this.clock.now };
			this.work(channel);
			this.audit(channel, everyMs);
		});
	}

	hear(channel: number, sale: Sale): void {
		const before = this.heard[channel]?.get(sale.id);
		if (before && before.changedAt >= sale.changedAt) return;
		this.heard[channel]?.set(sale.id, sale);
		const units = sale.units - (before?.units ?? 0);
		const isChanged = !this.options.forgetsReturns && !before && sale.changedAt > sale.at;
		if (units === 0 && !isChanged) return;
		const window = { from: before?.changedAt ?? sale.at, to: sale.changedAt };
		const { clockAheadMs = 0 } = (this.stores[channel] as Store).habits;
		this.slots[channel] = hearSale(this.slot(channel), units, window, this.clock.now, stampSlackMs, {
			clockAheadMs: this.options.trustsStamps ? 0 : clockAheadMs,
			isChanged,
		});
		if (units !== 0) this.move(-units, channel);
	}

	/** Somebody counts or corrects the stock itself. */
	adjust(units: number): void {
		this.move(units, null);
	}

	/** A webhook says that a level changed: a reason to read it, unless it says what is expected or being written. */
	hint(channel: number, quantity: number): void {
		const slot = this.slot(channel);
		if (slot.readDueAt !== null || quantity === believed(slot) || quantity === slot.flight?.quantity) return;
		this.slots[channel] = { ...slot, readDueAt: this.clock.now + hintGraceMs };
		this.work(channel);
	}

	private move(units: number, soldOn: number | null): void {
		this.stock.move(units, soldOn);
		const offers = this.stock.offers(this.slots);
		this.slots.forEach((slot, index) => {
			this.slots[index] = reoffer(slot, offers[index] as number, index === soldOn ? -units : 0, this.clock.now);
		});
		for (let index = 0; index < this.stores.length; index++) this.work(index);
	}

	private slot(channel: number): Slot {
		return this.slots[channel] as Slot;
	}

	private poll(channel: number): void {
		this.readOrders(channel, () => this.pollAgain(channel, pollEveryMs));
	}

	private pollAgain(channel: number, inMs: number): void {
		const { life } = this;
		this.clock.after(inMs, () => {
			if (life === this.life) this.poll(channel);
		});
	}

	private readOrders(channel: number, then: (readAt: number) => void): void {
		const readAt = this.clock.now;
		const { life } = this;
		const { orderListLagMs } = this.facts[channel] as SlotFacts;
		// What was listed for sure by the last read is known.
		const since = (this.ordersReadAt[channel] ?? Number.NEGATIVE_INFINITY) - orderListLagMs;
		this.calls++;
		(this.stores[channel] as Store).readOrders((sales) => {
			if (life !== this.life) return;
			for (const sale of sales) this.hear(channel, sale);
			this.ordersReadAt[channel] = readAt;
			const before = this.slot(channel).sellable;
			this.slots[channel] = hearOrdersRead(this.slot(channel), readAt, this.facts[channel] as SlotFacts);
			then(readAt);
			// What was held in doubt there may be given to others.
			if (this.stock.isEscrow(channel) && this.slot(channel).sellable !== before) this.move(0, null);
			else this.work(channel);
		}, since);
	}

	private work(channel: number): void {
		const slot = this.slot(channel);
		const facts = this.facts[channel] as SlotFacts;
		const { now } = this.clock;
		if (slot.readDueAt !== null && !slot.flight && !this.isReading[channel]) {
			if (slot.readDueAt <= now) this.verify(channel);
			else this.clock.at(slot.readDueAt, () => this.work(channel));
		}
		if (this.stock.isEscrow(channel) && slot.sellable && !slot.flight)
			this.wantOrders(channel, ordersWantedAt(slot.sellable, facts.orderListLagMs));
		const shipping = this.options.doubtsNoShipment ? mayShip(slot) : 0;
		const escrow = this.stock.isEscrow(channel)
			? { free: this.stock.freeFor(channel, this.slots) + shipping, units: 1 }
			: null;
		const plan = planWrite(slot, facts, now, this.ordersReadAt[channel] ?? null, escrow);
		if (plan.act === "read_orders") this.readOrders(channel, () => {});
		if (plan.act === "read_level" && !this.isReading[channel]) this.verify(channel);
		if (plan.act === "wait" && plan.until !== null && plan.until > now)
			this.clock.at(plan.until, () => this.work(channel));
		if (plan.act !== "write") return;
		const pushId = `push${++this.pushes}`;
		const claimed = claim(slot, plan, { pushId, now, leaseMs: claimLeaseMs }, facts);
		this.slots[channel] = this.options.doubtsNoShipment ? withoutShipments(claimed) : claimed;
		this.send(channel, pushId, {
			kind: plan.kind === "fence" ? (facts.writeMode === "over_reservations" ? "close" : "set") : plan.kind,
			quantity: plan.quantity,
			expected: plan.expected,
			open: this.options.forgetsOpenOrders ? 0 : plan.open,
		});
	}

	/** What is in doubt there is of use to others: its orders are read as soon as they settle it. */
	private wantOrders(channel: number, at: number | null): void {
		if (at === null || at === this.wantsOrdersAt[channel]) return;
		this.wantsOrdersAt[channel] = at;
		this.clock.at(at, () => {
			if (this.wantsOrdersAt[channel] === at) this.readOrders(channel, () => {});
		});
	}

	/** The process ends and is there again; what it waited for it never hears. Rows stay. */
	crash(): void {
		const life = ++this.life;
		this.isReading.fill(false);
		this.wantsOrdersAt.fill(Number.POSITIVE_INFINITY);
		this.slots.forEach(({ flight }, channel) => {
			if (flight) this.clock.at(flight.until, () => this.orphaned(channel, flight, life));
			this.pollAgain(channel, 0);
			this.clock.after(0, () => this.work(channel));
		});
	}

	private orphaned(channel: number, { pushId, kind, quantity, expected }: Flight, life: number): void {
		if (life !== this.life || this.slot(channel).flight?.pushId !== pushId) return;
		if (kind === "compare") this.send(channel, pushId, { kind, quantity, expected });
		else this.answered(channel, { result: "unknown" });
	}

	private answered(channel: number, outcome: Outcome): void {
		const { now } = this.clock;
		this.slots[channel] = settle(this.slot(channel), outcome, now, this.facts[channel] as SlotFacts);
		// What a lowering has freed is for the others.
		if (this.stock.isEscrow(channel)) this.move(0, null);
		else this.work(channel);
	}

	private send(channel: number, key: string, write: Omit<Write, "key">): void {
		this.calls++;
		const { life } = this;
		(this.stores[channel] as Store).write({ key, ...write }, (result, shown) => {
			if (life !== this.life) return;
			// A platform that remembers keys is asked again under the same one: its answer is the first one's.
			if (result === "lost" && write.kind === "compare") {
				this.send(channel, key, write);
				return;
			}
			if (result === "accepted" && this.options.takesAcceptedForApplied) {
				this.answered(channel, { result: "applied" });
				return;
			}
			this.answered(
				channel,
				result === "lost"
					? { result: this.options.retriesBlindly ? "not_sent" : "unknown", nextTryAt: null }
					: { result, shown },
			);
		});
	}

	/** Orders first, then the level, then decide (R4). */
	private verify(channel: number): void {
		const store = this.stores[channel] as Store;
		this.isReading[channel] = true;
		this.calls++;
		this.readOrders(channel, (ordersReadAt) => {
			const readAt = this.clock.now;
			const { expectedVersion } = this.slot(channel);
			const { life } = this;
			store.readLevel((quantity, reservations) => {
				if (life !== this.life) return;
				this.isReading[channel] = false;
				const report = { quantity, reservations, readAt, answeredAt: this.clock.now, ordersReadAt, expectedVersion };
				const { slot, verdict } = hearLevel(this.slot(channel), report, this.facts[channel] as SlotFacts);
				this.slots[channel] = verdict === "drift" ? acceptShown(slot) : slot;
				if (slot.heldReason !== null) this.clock.after(lookedAtMs, () => this.sendAgain(channel));
				if (verdict === "drift") this.edits.push({ channel, units: slot.unexplained });
				if (verdict === "drift" && this.options.drift === "channel_counts") this.move(slot.unexplained, null);
				else if (this.stock.isEscrow(channel)) this.move(0, null);
				else this.work(channel);
			});
		});
	}

	private sendAgain(channel: number): void {
		this.slots[channel] = { ...this.slot(channel), heldReason: null, unapplied: 0 };
		this.work(channel);
	}

	/** What we think that the store shows, for the check at the end. */
	believes(channel: number): number | null {
		return believed(this.slot(channel));
	}
}

const mayShip = ({ reservations }: Slot): number => reservations?.open ?? 0;

const withoutShipments = (slot: Slot): Slot => {
	const { flight, sellable } = slot;
	if (flight?.kind !== "over" || !sellable) return slot;
	const doubt = sellable.doubt - doubtOf(flight) + Math.max(0, flight.quantity - flight.expected);
	return { ...slot, sellable: { ...sellable, doubt } };
};

/** The simulated stores stamp to the millisecond. */
const stampSlackMs = 0;
