import { expect, test } from "vitest";
import { changeWords, channelHealth, type HealthFacts, silenceSentence, silenceWord } from "./channel-health";

const now = Date.parse("2026-11-24T12:00:00Z");
const good: HealthFacts = {
	state: "live",
	breaker: { state: "closed", until: null, failures: 0 },
	lastOkAt: "2026-11-24T11:56:00Z",
	job: null,
	quietUntil: null,
	pausedAt: null,
	allPausedAt: null,
	slots: { pending: 0, drift: 0, held: 0, verified: 10 },
	silence: null,
};

test("a channel is called by the worst that is so", () => {
	expect(channelHealth(good, now)).toEqual({ kind: "ok", word: "In step" });
	expect(channelHealth({ ...good, slots: { ...good.slots, pending: 3 } }, now).kind).toBe("go");
	expect(
		channelHealth({ ...good, pausedAt: "2026-11-24T11:00:00Z", slots: { ...good.slots, pending: 3 } }, now),
	).toEqual({
		kind: "hold",
		word: "Paused",
	});
	expect(channelHealth({ ...good, slots: { ...good.slots, pending: 3, drift: 1 } }, now)).toEqual({
		kind: "warn",
		word: "1 drift",
	});
	const silent = { ...good, silence: { of: "webhooks" as const, since: "2026-11-24T11:00:00Z", sales: 2 } };
	expect(channelHealth({ ...silent, pausedAt: "2026-11-24T11:00:00Z" }, now)).toEqual({
		kind: "warn",
		word: "Webhooks silent",
	});
	expect(channelHealth({ ...silent, slots: { ...good.slots, drift: 1 } }, now).word).toBe("1 drift");
	const down = {
		...good,
		breaker: { state: "open" as const, until: null, failures: 4 },
		slots: { ...good.slots, drift: 1 },
	};
	expect(channelHealth(down, now)).toEqual({ kind: "off", word: "Unreachable for 4 min" });
	expect(channelHealth({ ...down, state: "revoked" }, now).word).toBe("Access withdrawn");
});

test("a slowed channel is slowed only until the moment that the store named", () => {
	expect(channelHealth({ ...good, quietUntil: "2026-11-24T12:00:05Z" }, now).word).toBe("Slowed by the store");
	expect(channelHealth({ ...good, quietUntil: "2026-11-24T11:59:55Z" }, now).word).toBe("In step");
});

test("what would change is said by what happens to it, zero first", () => {
	expect(changeWords({ to_zero: 12, raised: 3, lowered: 1 })).toBe(
		"12 listings to zero, 3 listings raised, 1 listing lowered",
	);
	expect(changeWords({ to_zero: 0, raised: 0, lowered: 0 })).toBe("nothing");
});

test("news under another secret is told with what to do: paste it again, or look at what is on the way", () => {
	const refused = { of: "signature" as const, refused: 3, secret: "API secret key" };
	expect(silenceWord(refused)).toBe("Webhooks refused");
	expect(silenceSentence(refused)).toContain("paste the app's API secret key again");
	expect(silenceSentence({ ...refused, secret: null })).not.toContain("paste");
	expect(channelHealth({ ...good, silence: refused }, now)).toEqual({ kind: "warn", word: "Webhooks refused" });
});
