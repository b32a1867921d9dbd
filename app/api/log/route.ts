import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { readLog, readLogSchema } from "@/lib/services/log/read-log";

export const GET = jsonRoute(({ ctx, url }) => readLog(ctx, jsonInput(url, readLogSchema)));
