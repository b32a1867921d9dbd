import { jsonRoute } from "@/lib/services/http";
import { readExposure } from "@/lib/services/stock/read-exposure";

export const GET = jsonRoute(({ ctx }) => readExposure(ctx));
