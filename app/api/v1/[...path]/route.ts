/** The public API. Its routes stand in one table (lib/services/api/routes.ts), from which its description is made too. */
import { handleApi } from "@/lib/services/api/handle-api";

export const dynamic = "force-dynamic";

export { handleApi as DELETE, handleApi as GET, handleApi as PATCH, handleApi as POST, handleApi as PUT };
