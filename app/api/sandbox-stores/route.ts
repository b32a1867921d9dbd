import { jsonRoute } from "@/lib/services/http";
import { readSandboxStores } from "@/lib/services/sandbox/read-sandbox";

export const GET = jsonRoute(({ ctx }) => readSandboxStores(ctx));
