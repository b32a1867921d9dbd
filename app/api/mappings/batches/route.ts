import { jsonRoute } from "@/lib/services/http";
import { listBatches } from "@/lib/services/mappings/undo-batch";

export const GET = jsonRoute(({ ctx }) => listBatches(ctx));
