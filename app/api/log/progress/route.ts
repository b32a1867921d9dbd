import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { readProgress, readProgressSchema } from "@/lib/services/log/read-progress";

export const GET = jsonRoute(({ ctx, url }) => readProgress(ctx, jsonInput(url, readProgressSchema)));
