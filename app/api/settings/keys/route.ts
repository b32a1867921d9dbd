import { listKeys } from "@/lib/services/api-keys/list-keys";
import { jsonRoute } from "@/lib/services/http";

export const GET = jsonRoute(({ ctx }) => listKeys(ctx), { minimum: "manager" });
