import { jsonRoute } from "@/lib/services/http";
import { readComparison } from "@/lib/services/strategies/read-comparison";

export const GET = jsonRoute(({ ctx }) => readComparison(ctx));
