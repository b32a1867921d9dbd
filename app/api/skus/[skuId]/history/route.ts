import { jsonRoute } from "@/lib/services/http";
import { readSkuHistory } from "@/lib/services/skus/read-sku-history";

export const GET = jsonRoute<{ skuId: string }>(({ ctx, params }) => readSkuHistory(ctx, params.skuId));
