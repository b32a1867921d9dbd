import { countOf } from "@/lib/format/number";
import { bundleUnits } from "@/lib/stock/offer";

/** How often a bundle can be made of what is available, and what runs out first. `available` null: not counted yet. */
export function madeSentence(parts: readonly { code: string; available: number | null; units: number }[]): string {
	const uncounted = parts.filter(({ available }) => available === null).map(({ code }) => code);
	if (uncounted.length > 0)
		return `Nothing is offered until ${uncounted.join(" and ")} ${uncounted.length === 1 ? "is" : "are"} counted.`;
	const counted = parts.map(({ code, available, units }) => ({ code, available: available ?? 0, units }));
	const times = bundleUnits(counted);
	const scarcest = counted.filter((part) => bundleUnits([part]) === times).map(({ code }) => code);
	const by = scarcest.length === counted.length && counted.length > 1 ? "all of them alike" : scarcest.join(" and ");
	return `Can be made ${times <= 0 ? "no more" : countOf(times, "time")}, limited by ${by}.`;
}
