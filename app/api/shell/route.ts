import { jsonRoute } from "@/lib/services/http";
import { readShell } from "@/lib/services/overview/read-shell";

export const GET = jsonRoute(({ ctx }) => readShell(ctx));
