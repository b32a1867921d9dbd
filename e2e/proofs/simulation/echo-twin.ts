/**
 * The usual two-way sync: the level that a store's webhook tells becomes the stock, and is written to the other store.
 *
 * - `no suppression`: whatever is told is believed.
 * - `time window`: what a store tells within ten seconds of our own write to it is taken for an echo.
 */
import type { Clock } from "@/lib/simulation/clock";
import type { Sale, Store } from "@/lib/simulation/store";

export const echoTwins = ["no suppression", "time window"] as const;
export type EchoTwinKind = (typeof echoTwins)[number];

const windowMs = 10_000;

export class EchoTwin {
	private readonly wroteAt: number[];
	private writes = 0;

	constructor(
		private readonly stores: readonly Store[],
		private stock: number,
		private readonly clock: Clock,
		private readonly kind: EchoTwinKind,
	) {
		this.wroteAt = stores.map(() => Number.NEGATIVE_INFINITY);
	}

	start(): void {}

	/** A sale shows in the level, and the level is what it listens to. */
	hear(_channel: number, _sale: Sale): void {}

	adjust(units: number): void {
		this.stock += units;
		this.stores.forEach((_, channel) => {
			this.write(channel);
		});
	}

	hint(channel: number, quantity: number): void {
		const isEcho = this.kind === "time window" && this.clock.now - (this.wroteAt[channel] ?? 0) < windowMs;
		if (isEcho || quantity === this.stock) return;
		this.stock = quantity;
		this.stores.forEach((_, other) => {
			if (other !== channel) this.write(other);
		});
	}

	private write(channel: number): void {
		this.wroteAt[channel] = this.clock.now;
		const key = `twin${++this.writes}`;
		this.stores[channel]?.write({ key, kind: "set", quantity: this.stock, expected: 0 }, () => {});
	}
}
