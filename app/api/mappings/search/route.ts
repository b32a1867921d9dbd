import { z } from "zod";
import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { searchListings, searchSkus } from "@/lib/services/mappings/search-targets";

/** With a channel its listings, without one master SKUs. */
const input = z.object({ channelId: z.uuid().nullable(), text: z.string().max(200) });

export const GET = jsonRoute(({ ctx, url }) => {
	const { channelId, text } = jsonInput(url, input);
	return channelId ? searchListings(ctx, channelId, text) : searchSkus(ctx, text);
});
