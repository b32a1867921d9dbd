import { jsonRoute } from "@/lib/services/http";
import { readOverview } from "@/lib/services/overview/read-overview";

export const GET = jsonRoute(({ ctx }) => readOverview(ctx));
