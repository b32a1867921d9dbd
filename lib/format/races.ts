import { type RaceRule, raceRules } from "@/lib/stock/competing-edits";
import type { LosingPolicy, LosingRule } from "@/lib/stock/losing-order";

/** The rules of a race in a merchant's words. `column`: what stands beside an oversale that they decided. */
export const losingRuleWords: Record<LosingRule, { name: string; detail: string; column: string }> = {
	last_in_ledger: {
		name: "The last that we heard of",
		detail: "First in the ledger keeps its unit, whatever the stores' clocks say.",
		column: "First in the ledger keeps it",
	},
	latest_placed: {
		name: "The last that was placed",
		detail: "By the stores' own stamps: who ordered first keeps it, though its news came late.",
		column: "First placed keeps it",
	},
	smallest_order: {
		name: "The smallest order",
		detail: "The fewest units in all; of equals the one that was placed last.",
		column: "The larger order keeps it",
	},
	lowest_channel: {
		name: "Orders of one store",
		detail: "They lose before any other's; of several the one that was placed last.",
		column: "The other stores keep it",
	},
};

export const raceRuleWords: Record<RaceRule, { name: string; detail: string }> = {
	source_of_truth: {
		name: "Onecount's number is the truth",
		detail: "A number that was changed in a store is settled as that store's own rule says.",
	},
	first_write_wins: {
		name: "The first to change it wins",
		detail: "A store's edit counts. Of two that had not seen each other the earlier stands; the later is shown to you.",
	},
};

export const raceRuleOptions = raceRules.map((value) => ({
	value,
	label: raceRuleWords[value].name,
	detail: raceRuleWords[value].detail,
}));

/** Every rule, and `lowest_channel` once for each store; a value stands for rule and store. */
export function losingOptions(channels: readonly { id: string; name: string }[]) {
	const plain = (["last_in_ledger", "latest_placed", "smallest_order"] as const).map((rule) => ({
		value: losingValue({ rule, channelId: null }),
		label: losingRuleWords[rule].name,
		detail: losingRuleWords[rule].detail,
	}));
	const named = channels.map(({ id, name }) => ({
		value: losingValue({ rule: "lowest_channel", channelId: id }),
		label: `Orders of ${name}`,
		detail: losingRuleWords.lowest_channel.detail,
	}));
	return [...plain, ...named];
}

export const losingValue = ({ rule, channelId }: LosingPolicy): string => (channelId ? `${rule}:${channelId}` : rule);

export function losingChoice(value: string): LosingPolicy {
	const [rule = "", channelId = null] = value.split(":");
	return { rule: rule as LosingRule, channelId };
}
