import { NotFound } from "@/lib/services/errors";
import { jsonRoute } from "@/lib/services/http";
import { readLogLine } from "@/lib/services/log/read-line";

export const GET = jsonRoute<{ lineId: string }>(({ ctx, params }) => {
	const id = Number(params.lineId);
	if (!Number.isSafeInteger(id)) throw new NotFound("line of the log");
	return readLogLine(ctx, id);
});
