/** What a channel's state is called: the one shape and the few words of its card. Pure. */
import type { ChannelView } from "@/lib/services/channels/read-channels";
import type { DryRunCounts } from "@/lib/stock/dry-run";
import { countOf } from "./number";
import { duration } from "./time";

/** The seven states of the look, by name. */
export type HealthKind = "ok" | "go" | "warn" | "bad" | "off" | "none" | "hold";
export type Health = { kind: HealthKind; word: string };

export type HealthFacts = Pick<
	ChannelView,
	"state" | "breaker" | "lastOkAt" | "job" | "quietUntil" | "pausedAt" | "allPausedAt" | "slots" | "silence"
>;

/** The worst thing first: what keeps the channel from working, then what is held, then what is on its way. */
export function channelHealth(channel: HealthFacts, now: number): Health {
	const { state, breaker, slots, job } = channel;
	if (state === "disconnected") return { kind: "none", word: "Disconnected" };
	if (state === "revoked") return { kind: "off", word: "Access withdrawn" };
	if (breaker.state !== "closed") {
		const since = channel.lastOkAt && now - Date.parse(channel.lastOkAt);
		return { kind: "off", word: since ? `Unreachable for ${duration(since)}` : "Unreachable" };
	}
	if (state === "connecting" || state === "importing")
		return job?.state === "failed"
			? { kind: "off", word: "Listings not read" }
			: { kind: "go", word: "Reading listings" };
	if (slots.drift > 0) return { kind: "warn", word: `${slots.drift} drift` };
	if (slots.held > 0) return { kind: "off", word: `${slots.held} refused` };
	if (channel.silence) return { kind: "warn", word: silenceWord(channel.silence) };
	if (state === "read_only") return { kind: "hold", word: "Read-only" };
	if (channel.pausedAt || channel.allPausedAt) return { kind: "hold", word: "Paused" };
	if (channel.quietUntil && Date.parse(channel.quietUntil) > now) return { kind: "go", word: "Slowed by the store" };
	if (slots.pending > 0) return { kind: "go", word: `${slots.pending} on the way` };
	return { kind: "ok", word: "In step" };
}

type Silence = NonNullable<ChannelView["silence"]>;

const silenceWords: Record<Silence["of"], string> = {
	signature: "Webhooks refused",
	webhooks: "Webhooks silent",
	sales: "Unusually quiet",
};

export const silenceWord = (silence: Silence): string => silenceWords[silence.of];

/** What is known, and what goes on by itself or is to be done. */
export function silenceSentence(silence: Silence): string {
	switch (silence.of) {
		case "signature":
			return silence.secret
				? `its news comes signed by another secret than the one that was pasted; paste the app's ${silence.secret} again`
				: "its news comes signed by another secret than the one that was agreed on; connect it again, and see whether something on the way here changes what it sends";
		case "webhooks":
			return `${countOf(silence.sales, "sale")} since its last webhook ${silence.sales === 1 ? "was" : "were"} found by asking; no webhook told of ${silence.sales === 1 ? "it" : "them"}`;
		case "sales":
			return `nothing sold, where about ${countOf(silence.usual, "sale")} would be usual; it answers, and is asked all the time`;
	}
}

/** Where a person pastes again what signs its news. */
export const pasteAgainHref = (platform: string, channelId: string) =>
	`/channels/connect/${platform}?${new URLSearchParams({ again: channelId, way: "keys" })}`;

/** How the channel hears of sales, in half a sentence. */
export function newsWay(channel: Pick<ChannelView, "webhooks" | "pollIntervalMs">): string {
	const { webhooks } = channel;
	const every = `asked every ${duration(channel.pollIntervalMs)}`;
	if (webhooks.state === "registered") return "webhooks";
	if (!webhooks.hasSecret) return `${every}, no secret key`;
	if (!webhooks.hasAddress) return `${every}, no public address`;
	return every;
}

/** How the platform is written to. */
export const writeWords: Record<ChannelView["writeMode"], string> = {
	compare: "compare and set",
	delta: "by difference",
	absolute: "set, read back",
	over_reservations: "net of reservations",
};

/** "12 listings to zero, 3 listings raised, 8 listings lowered" */
export function changeWords(groups: Pick<DryRunCounts, "to_zero" | "raised" | "lowered">): string {
	const words = [
		groups.to_zero > 0 && `${countOf(groups.to_zero, "listing")} to zero`,
		groups.raised > 0 && `${countOf(groups.raised, "listing")} raised`,
		groups.lowered > 0 && `${countOf(groups.lowered, "listing")} lowered`,
	].filter(Boolean);
	return words.length > 0 ? words.join(", ") : "nothing";
}
