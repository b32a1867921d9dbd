/**
 * Group commit in the app: whatever arrived while the last statement was in flight goes in the next one, and every
 * caller is answered after its own commit. No timer, so a lone item waits for nothing.
 */
export class QueueFull extends Error {
	override name = "QueueFull";
}

type Waiting<Item, Result> = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };

export function microBatcher<Item, Result>(options: {
	/** Commits a batch and returns one result per item, in order. */
	commit: (items: Item[]) => Promise<Result[]>;
	largestBatch: number;
	/** Statements in flight at once. */
	inFlight: number;
	/** Above this many waiting items (or their size) the answer is an immediate refusal, so that nobody waits in vain. */
	longestQueue: number;
	/** Bounds by size beside those by count. An item larger than a batch goes alone. */
	bySize?: { sizeOf: (item: Item) => number; largestBatch: number; longestQueue: number };
}) {
	const { sizeOf, ...mostSize } = options.bySize ?? {
		sizeOf: () => 0,
		largestBatch: Number.POSITIVE_INFINITY,
		longestQueue: Number.POSITIVE_INFINITY,
	};
	const queue: Waiting<Item, Result>[] = [];
	let queuedSize = 0;
	let running = 0;
	let isScheduled = false;

	function schedule() {
		if (isScheduled || running >= options.inFlight || queue.length === 0) return;
		isScheduled = true;
		setImmediate(() => {
			isScheduled = false;
			void flush();
		});
	}

	async function flush() {
		if (running >= options.inFlight || queue.length === 0) return;
		const batch = takeBatch();
		running++;
		schedule();
		await commitOrSplit(batch);
		running--;
		schedule();
	}

	function takeBatch(): Waiting<Item, Result>[] {
		let count = 0;
		let size = 0;
		for (const { item } of queue) {
			const next = size + sizeOf(item);
			if (count === options.largestBatch || (count > 0 && next > mostSize.largestBatch)) break;
			size = next;
			count++;
		}
		queuedSize -= size;
		return queue.splice(0, count);
	}

	/** A poisonous item fails its statement, never its neighbours: the batch is halved until it is alone. */
	async function commitOrSplit(batch: Waiting<Item, Result>[]): Promise<void> {
		try {
			const results = await options.commit(batch.map(({ item }) => item));
			batch.forEach(({ resolve }, index) => {
				resolve(results[index] as Result);
			});
		} catch (error) {
			if (batch.length === 1) {
				batch[0]?.reject(error);
				return;
			}
			const middle = Math.ceil(batch.length / 2);
			await commitOrSplit(batch.slice(0, middle));
			await commitOrSplit(batch.slice(middle));
		}
	}

	return {
		/** Throws {@link QueueFull} at once when too many wait. */
		push(item: Item): Promise<Result> {
			const size = sizeOf(item);
			if (queue.length >= options.longestQueue || queuedSize + size > mostSize.longestQueue)
				return Promise.reject(new QueueFull("too many waiting"));
			return new Promise((resolve, reject) => {
				queue.push({ item, resolve, reject });
				queuedSize += size;
				schedule();
			});
		},
	};
}
