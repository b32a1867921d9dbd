import { z } from "zod";
import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { readPeek } from "@/lib/services/mappings/read-peek";

const id = z.uuid().nullable().default(null);
const input = z.object({ listingId: id, skuId: id, channelId: id });

export const GET = jsonRoute(({ ctx, url }) => readPeek(ctx, jsonInput(url, input)));
