import { jsonRoute } from "@/lib/services/http";
import { readSandboxStore } from "@/lib/services/sandbox/read-sandbox";

export const GET = jsonRoute<{ storeId: string }>(({ ctx, params }) => readSandboxStore(ctx, params.storeId));
