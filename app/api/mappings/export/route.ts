import { csvResponse } from "@/lib/services/csv-response";
import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { exportMappings } from "@/lib/services/mappings/export-mappings";
import { filterInput } from "@/lib/services/mappings/filter-sql";

export const GET = jsonRoute(async ({ ctx, url }) =>
	csvResponse("onecount-links", ctx.now(), await exportMappings(ctx, jsonInput(url, filterInput))),
);
