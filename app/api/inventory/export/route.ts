import { csvResponse } from "@/lib/services/csv-response";
import { jsonRoute } from "@/lib/services/http";
import { exportSkus } from "@/lib/services/skus/export-skus";

export const GET = jsonRoute(async ({ ctx }) => csvResponse("onecount-skus", ctx.now(), await exportSkus(ctx)));
