/**
 * A merchant's new lines, read once per process and handed to every browser that follows. A follower catches up by its
 * own reads until it stands where the feed stands, then joins; from there on it gets the same bytes as all others.
 */
import { type Cursor, compareCursors, writeCursor } from "./cursor";

export type LogBatch<Row> = {
	rows: { cursor: Cursor; row: Row }[];
	/** More rows can be read at once. */
	isFull: boolean;
	/** Rows are committed that an older, still open transaction holds back: look again soon. */
	isHeldBack: boolean;
};

export type Follower = {
	/** One chunk of the event stream, ready to be written. */
	send: (chunk: Uint8Array) => void;
	/** The feed can't go on: `failed`, come again with the last cursor; `too_far`, so much was missed that reading anew is faster. */
	end: (reason: "failed" | "too_far") => void;
};

export type FeedOptions<Row> = {
	read: (after: Cursor) => Promise<LogBatch<Row>>;
	/** Wakes the feed when there may be news; returns how to stop. */
	subscribe: (onWake: () => void) => () => void;
	encode: (rows: Row[], cursor: string) => Uint8Array;
	/** At most one look in this time, so that a thousand lines a second are ten writes per browser. */
	paceMs?: number;
	heldBackMs?: number;
	/** A look without being told, for news that got lost. */
	sweepMs?: number;
	/** A follower that missed more rows than this is sent to read anew. */
	catchUpRows?: number;
};

export type LogFeed = {
	/** Everything after `from`, once and in order, until the returned function is called. */
	follow: (from: Cursor, follower: Follower) => () => void;
	readonly followers: number;
};

type Joined = Follower & { at: Cursor };

export function makeLogFeed<Row>(options: FeedOptions<Row>): LogFeed {
	const { read, subscribe, encode, paceMs = 100, heldBackMs = 50, sweepMs = 5_000, catchUpRows = 5_000 } = options;
	const joined = new Set<Joined>();
	/** Every row up to here was handed to all who had joined by then; null while nobody follows. */
	let head: Cursor | null = null;
	let unsubscribe = () => {};
	let timer: ReturnType<typeof setTimeout> | undefined;
	let timerAt = 0;
	let lastLookAt = 0;
	let isLooking = false;
	let wasWoken = false;

	function wake(): void {
		wasWoken = true;
		if (!isLooking) lookIn(0);
	}

	function lookIn(ms: number): void {
		const at = Math.max(Date.now() + ms, lastLookAt + paceMs);
		if (timer && timerAt <= at) return;
		clearTimeout(timer);
		timerAt = at;
		timer = setTimeout(() => void look(), at - Date.now());
		timer.unref?.();
	}

	async function look(): Promise<void> {
		timer = undefined;
		if (isLooking || !head) return;
		isLooking = true;
		wasWoken = false;
		lastLookAt = Date.now();
		let nextMs = sweepMs;
		try {
			for (let isFull = true; isFull && head; ) {
				const from: Cursor = head;
				const batch = await read(from);
				deliver(batch, from);
				isFull = batch.isFull;
				if (batch.isHeldBack) nextMs = heldBackMs;
			}
		} catch {
			// The database is away; the cursor stands, and nothing is lost.
			nextMs = 1_000;
		}
		isLooking = false;
		if (head) lookIn(wasWoken ? 0 : nextMs);
	}

	function deliver(batch: LogBatch<Row>, from: Cursor): void {
		const last = batch.rows.at(-1);
		if (!last || !head) return;
		if (compareCursors(head, last.cursor) < 0) head = last.cursor;
		let shared: Uint8Array | undefined;
		for (const follower of joined) {
			if (compareCursors(follower.at, from) > 0) {
				handOver(follower, batch);
				continue;
			}
			shared ??= chunkOf(batch.rows, last.cursor);
			follower.at = last.cursor;
			follower.send(shared);
		}
	}

	/** The part of a batch that the follower has not had. */
	function handOver(follower: Joined, batch: LogBatch<Row>): void {
		const unseen = batch.rows.filter(({ cursor }) => compareCursors(cursor, follower.at) > 0);
		const last = unseen.at(-1);
		if (!last) return;
		follower.at = last.cursor;
		follower.send(chunkOf(unseen, last.cursor));
	}

	const chunkOf = (rows: LogBatch<Row>["rows"], last: Cursor) =>
		encode(
			rows.map(({ row }) => row),
			writeCursor(last),
		);

	async function catchUp(follower: Joined, isGone: () => boolean): Promise<void> {
		for (let rows = 0; ; ) {
			const headBefore = head;
			const batch = await read(follower.at);
			if (isGone()) return;
			rows += batch.rows.length;
			if (rows > catchUpRows) return follower.end("too_far");
			handOver(follower, batch);
			// What the feed handed on while this read was under way may be missing from it.
			const feedMoved = head !== null && headBefore !== null && compareCursors(headBefore, head) < 0;
			if (batch.isFull || feedMoved || (head !== null && headBefore === null)) continue;
			if (!head) {
				head = follower.at;
				unsubscribe = subscribe(wake);
			}
			joined.add(follower);
			lookIn(batch.isHeldBack ? heldBackMs : 0);
			return;
		}
	}

	function leave(follower: Joined): void {
		if (!joined.delete(follower) || joined.size > 0) return;
		unsubscribe();
		clearTimeout(timer);
		timer = undefined;
		head = null;
	}

	return {
		follow(from, { send, end }) {
			const follower: Joined = { at: from, send, end };
			let isGone = false;
			catchUp(follower, () => isGone).catch(() => {
				if (!isGone) end("failed");
			});
			return () => {
				isGone = true;
				leave(follower);
			};
		},
		get followers() {
			return joined.size;
		},
	};
}
