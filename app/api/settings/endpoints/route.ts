import { listEndpoints } from "@/lib/services/endpoints/list-endpoints";
import { jsonRoute } from "@/lib/services/http";

export const GET = jsonRoute(({ ctx }) => listEndpoints(ctx), { minimum: "manager" });
