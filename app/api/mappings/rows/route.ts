import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { readRows, rowsInput } from "@/lib/services/mappings/read-rows";

export const GET = jsonRoute(({ ctx, url }) => readRows(ctx, jsonInput(url, rowsInput)));
