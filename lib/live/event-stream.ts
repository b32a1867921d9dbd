/**
 * One browser's stream of server-sent events. Facts of this server (Next 16): the request's abort signal tells of every
 * disconnect while the stream's own cancel is never called; without `no-transform` the stream is compressed and
 * therefore held back.
 */
import type { Follower } from "./log-feed";

export const eventStreamHeaders = {
	"content-type": "text/event-stream; charset=utf-8",
	"cache-control": "no-cache, no-transform",
	"x-accel-buffering": "no",
} as const;

const encoder = new TextEncoder();

/** One event; several lines of data are not needed, since JSON has none. */
export const encodeEvent = (event: string, data: unknown, id?: string): Uint8Array =>
	encoder.encode(`${id ? `id: ${id}\n` : ""}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

export type EventStreamOptions = {
	signal: AbortSignal;
	/** Where the stream begins: the browser knows it before the first line, and comes again with it. */
	from: string;
	/** Starts to send; returns how to stop. */
	follow: (follower: Follower) => () => void;
	/** Asked with every beat: a member who was removed stops hearing. */
	isAllowed: () => Promise<boolean>;
	retryMs?: number;
	beatMs?: number;
	/** Then the browser comes again, through the gate. */
	lifetimeMs?: number;
	/** Bytes that may wait for a slow browser before it is let go: it comes again with its last cursor. */
	backlogBytes?: number;
};

export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
	const {
		signal,
		from,
		follow,
		isAllowed,
		retryMs = 2_000,
		beatMs = 15_000,
		lifetimeMs = 15 * 60_000,
		backlogBytes = 1_000_000,
	} = options;
	let stop = () => {};
	return new ReadableStream<Uint8Array>(
		{
			start(controller) {
				let isOpen = true;
				const close = () => {
					if (!isOpen) return;
					isOpen = false;
					stop();
					try {
						controller.close();
					} catch {
						// The browser was faster.
					}
				};
				const send = (chunk: Uint8Array) => {
					if (!isOpen) return;
					controller.enqueue(chunk);
					if ((controller.desiredSize ?? 0) < -backlogBytes) close();
				};

				send(encoder.encode(`retry: ${retryMs}\n\n`));
				send(encodeEvent("hello", { from }, from));
				const beat = setInterval(() => {
					isAllowed().then(
						(allowed) => (allowed ? send(encodeEvent("beat", {})) : close()),
						() => {
							// The database is away: the feed says so by itself.
						},
					);
				}, beatMs);
				const life = setTimeout(close, lifetimeMs);
				const leave = follow({
					send,
					end: (reason) => {
						if (reason === "too_far") send(encodeEvent("reset", {}));
						close();
					},
				});
				stop = () => {
					clearInterval(beat);
					clearTimeout(life);
					signal.removeEventListener("abort", close);
					leave();
				};
				signal.addEventListener("abort", close);
				if (signal.aborted) close();
				else if (!isOpen) stop();
			},
			cancel: () => stop(),
		},
		new ByteLengthQueuingStrategy({ highWaterMark: 64_000 }),
	);
}
