import { z } from "zod";
import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { countStates } from "@/lib/services/mappings/read-grid";

const input = z.object({ channelIds: z.array(z.uuid()).max(100).default([]) });

export const GET = jsonRoute(({ ctx, url }) => countStates(ctx, jsonInput(url, input).channelIds));
