import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { filterInput } from "@/lib/services/mappings/filter-sql";
import { readOutline } from "@/lib/services/mappings/read-grid";

export const GET = jsonRoute(({ ctx, url }) => readOutline(ctx, jsonInput(url, filterInput)));
