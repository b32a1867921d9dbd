import { readUpload } from "@/lib/services/csv-response";
import { jsonRoute } from "@/lib/services/http";
import { importSkus, largestFileBytes } from "@/lib/services/skus/import-skus";

/** The file is the body. `?dry=1` tells what would happen. */
export const POST = jsonRoute(
	async ({ ctx, request, url }) =>
		importSkus(ctx, await readUpload(request, largestFileBytes), { isDryRun: url.searchParams.get("dry") === "1" }),
	{ minimum: "manager" },
);
