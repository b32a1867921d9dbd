import { describe, expect, it } from "vitest";
import { type DueTimes, type Lane, nextCall, nextLook } from "./next-call";

const due = (times: Partial<DueTimes>): DueTimes => ({ read: null, poll: null, listings: null, ...times });
const busy = (...lanes: Lane[]) => new Set(lanes);

describe("nextCall", () => {
	it.each([
		["nothing is due", due({ poll: 20 }), busy(), null],
		["what is due", due({ poll: 10 }), busy(), "poll"],
		["the one that has waited longest", due({ read: 9, poll: 8, listings: 7 }), busy(), "listings"],
		["of equals the read", due({ read: 10, poll: 10 }), busy(), "read"],
		[
			"an overdue poll before a newer read, so that reads can't keep polls out",
			due({ read: 10, poll: 5 }),
			busy(),
			"poll",
		],
		["no second read", due({ read: 5 }), busy("read"), null],
		["no poll beside a read", due({ poll: 5 }), busy("read"), null],
		["a read beside a poll", due({ read: 5 }), busy("poll"), "read"],
		["a poll beside any number of pushes", due({ poll: 5 }), busy("push"), "poll"],
	] as const)("%s", (_name, times, lanes, expected) => {
		expect(nextCall(times, lanes, 10)).toBe(expected);
	});
});

describe("nextLook", () => {
	it.each([
		["the earliest", due({ read: 30, poll: 20 }), busy(), 20],
		["not what a running call keeps out", due({ poll: 5, listings: 40 }), busy("poll"), 40],
		["nothing while all wait for running calls", due({ read: 5, poll: 5 }), busy("read"), Number.POSITIVE_INFINITY],
	] as const)("%s", (_name, times, lanes, expected) => {
		expect(nextLook(times, lanes)).toBe(expected);
	});
});
