/** Why stock that was sold twice is there after all, in the merchant's words. Pure. */
import type { CameBack } from "@/db/schema/conflicts";
import { countOf } from "./number";

/** `order`: the name of the order, if it was one. A clause: "Shopify #1042 gave 1 unit back". */
export function cameBackWords({ cause, units, note }: CameBack, order: string | null): string {
	const many = countOf(units, "unit");
	const said = note ? `: “${note}”` : "";
	switch (cause) {
		case "order":
		case "order_returned":
			return `${order ?? "an order"} gave ${many} back`;
		case "count":
			return `a count found ${many} more${said}`;
		case "import":
			return `the first count found ${many} more`;
		case "channel_edit":
			return `${many} more were entered in a store`;
		case "transfer":
			return `${many} came from another location${said}`;
		case "reservation":
		case "unreserved":
			return `${note ? `reservation ${note}` : "a reservation"} ended and gave ${many} back`;
		case "adjustment":
			return `${many} more ${units === 1 ? "was" : "were"} entered${said}`;
		case "meanwhile":
			return "there was enough again meanwhile";
	}
}
