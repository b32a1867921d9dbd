import { jsonRoute } from "@/lib/services/http";
import { countInventory } from "@/lib/services/skus/list-skus";

export const GET = jsonRoute(({ ctx }) => countInventory(ctx));
