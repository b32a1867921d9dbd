import { readDeliveries, readDeliveriesSchema } from "@/lib/services/endpoints/read-deliveries";
import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";

export const GET = jsonRoute<{ endpointId: string }>(
	({ ctx, params, url }) => readDeliveries(ctx, params.endpointId, jsonInput(url, readDeliveriesSchema)),
	{ minimum: "manager" },
);
