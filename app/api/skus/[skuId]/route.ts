import { jsonRoute } from "@/lib/services/http";
import { readSku } from "@/lib/services/skus/read-sku";

export const GET = jsonRoute<{ skuId: string }>(({ ctx, params }) => readSku(ctx, params.skuId));
