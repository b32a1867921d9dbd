import { jsonRoute } from "@/lib/services/http";
import { readEngine } from "@/lib/services/settings/read-engine";

export const GET = jsonRoute(({ ctx }) => readEngine(ctx));
