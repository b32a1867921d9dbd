import { type Strategy, strategies, type Why } from "@/lib/stock/strategy";
import { duration } from "./time";

/** Strategies in a merchant's words. */
export const strategyWords: Record<Strategy, { name: string; detail: string }> = {
	shared: {
		name: "Shared",
		detail: "Every store shows all of it. What sells faster than its news travels can be sold twice.",
	},
	adaptive: {
		name: "Adaptive",
		detail: "Shared while it lasts; split between the stores while it sells out fast, or is nearly gone.",
	},
	escrow: {
		name: "Escrow",
		detail: "Split between the stores. Nothing can be sold twice; a basket larger than a share is refused.",
	},
};

export const strategyOptions = strategies.map((value) => ({
	value,
	label: strategyWords[value].name,
	detail: strategyWords[value].detail,
}));

/** Why the stores share it, or split it, just now. */
export function whyWords({
	isEscrow,
	why,
	steadyMs,
}: {
	isEscrow: boolean;
	why: Why | null;
	steadyMs: number;
}): string {
	switch (why) {
		case null:
			return "Shared: every store shows all of it.";
		case "chosen":
			return isEscrow ? "Split between the stores, as was chosen." : "Shared, as was chosen.";
		case "launch":
			return "Split between the stores, for the launch that is marked.";
		case "sells_out":
			return "Split between the stores: at the pace of the last seconds it is sold out within two minutes.";
		case "sells_steadily":
			return `Split between the stores: at its recent pace it is sold out within ${duration(steadyMs)}, and one of them takes that long to be sure of a new number.`;
		case "scarce":
			return "Split between the stores: next to nothing is left.";
		case "not_yet_back":
			return "Still split between the stores: it has not moved far enough away from being sold out.";
		case "lasts":
			return "Shared: at the pace of now it lasts.";
	}
}
