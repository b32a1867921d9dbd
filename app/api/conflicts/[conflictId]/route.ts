import { readConflict } from "@/lib/services/conflicts/read-conflict";
import { jsonRoute } from "@/lib/services/http";

export const GET = jsonRoute<{ conflictId: string }>(({ ctx, params }) => readConflict(ctx, params.conflictId));
