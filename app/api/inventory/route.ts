import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { inventoryInput, listSkus } from "@/lib/services/skus/list-skus";

export const GET = jsonRoute(({ ctx, url }) => listSkus(ctx, jsonInput(url, inventoryInput)));
