import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { readMovements, readMovementsSchema } from "@/lib/services/skus/read-movements";

const schema = readMovementsSchema.omit({ skuId: true });

export const GET = jsonRoute<{ skuId: string }>(({ ctx, params, url }) =>
	readMovements(ctx, { skuId: params.skuId, ...jsonInput(url, schema) }),
);
