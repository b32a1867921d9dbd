import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { readHistogram, readHistogramSchema } from "@/lib/services/log/read-histogram";

export const GET = jsonRoute(({ ctx, url }) => readHistogram(ctx, jsonInput(url, readHistogramSchema)));
