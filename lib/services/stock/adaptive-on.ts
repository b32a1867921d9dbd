import { adapterFor, isConnectable } from "@/lib/channels/registry";
import { type AdaptiveSettings, adaptiveFor } from "@/lib/stock/strategy";
import { slotFacts } from "../channels/slot-facts";

/** What adaptive goes by for a SKU that channels of these platforms sell. */
export async function adaptiveOn(platforms: readonly string[]): Promise<AdaptiveSettings> {
	const adapters = await Promise.all(platforms.filter(isConnectable).map(adapterFor));
	return adaptiveFor(adapters.map(({ facts }) => slotFacts(facts)));
}
