import { listConflicts, listConflictsSchema } from "@/lib/services/conflicts/list-conflicts";
import { jsonRoute } from "@/lib/services/http";

export const GET = jsonRoute(({ ctx, url }) =>
	listConflicts(ctx, listConflictsSchema.parse({ tab: url.searchParams.get("tab") ?? undefined })),
);
