/** Virtual time: events in order of time, then of scheduling; the same seed gives the same run. */
export class Clock {
	now = 0;
	private seq = 0;
	private readonly heap: { at: number; seq: number; run: () => void }[] = [];

	after(ms: number, run: () => void): void {
		this.at(this.now + Math.max(0, ms), run);
	}

	at(time: number, run: () => void): void {
		const { heap } = this;
		heap.push({ at: Math.max(time, this.now), seq: this.seq++, run });
		for (let i = heap.length - 1; i > 0; ) {
			const parent = (i - 1) >> 1;
			if (!this.isBefore(i, parent)) break;
			this.swap(i, parent);
			i = parent;
		}
	}

	/** Runs what is scheduled up to `end`; returns how many events. */
	runUntil(end: number): number {
		let events = 0;
		while (this.heap[0] && this.heap[0].at <= end) {
			const next = this.pop();
			this.now = next.at;
			next.run();
			events++;
		}
		this.now = end;
		return events;
	}

	private pop() {
		const { heap } = this;
		const top = heap[0] as { at: number; seq: number; run: () => void };
		const last = heap.pop() as typeof top;
		if (heap.length > 0) {
			heap[0] = last;
			for (let i = 0; ; ) {
				const left = 2 * i + 1;
				const right = left + 1;
				let least = i;
				if (left < heap.length && this.isBefore(left, least)) least = left;
				if (right < heap.length && this.isBefore(right, least)) least = right;
				if (least === i) break;
				this.swap(i, least);
				i = least;
			}
		}
		return top;
	}

	private isBefore(a: number, b: number): boolean {
		const [x, y] = [this.heap[a] as { at: number; seq: number }, this.heap[b] as { at: number; seq: number }];
		return x.at < y.at || (x.at === y.at && x.seq < y.seq);
	}

	private swap(a: number, b: number): void {
		const { heap } = this;
		const kept = heap[a] as { at: number; seq: number; run: () => void };
		heap[a] = heap[b] as typeof kept;
		heap[b] = kept;
	}
}
