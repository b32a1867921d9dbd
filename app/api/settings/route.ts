import { jsonRoute } from "@/lib/services/http";
import { readSettings } from "@/lib/services/settings/read-settings";

export const GET = jsonRoute(({ ctx }) => readSettings(ctx));
