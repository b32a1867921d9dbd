import { jsonRoute } from "@/lib/services/http";
import { createSku } from "@/lib/services/skus/create-sku";

export const POST = jsonRoute(async ({ ctx, request }) => createSku(ctx, await request.json()), { minimum: "manager" });
