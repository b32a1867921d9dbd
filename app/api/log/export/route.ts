import { jsonRoute } from "@/lib/services/http";
import { jsonInput } from "@/lib/services/json-input";
import { exportLog, exportLogSchema } from "@/lib/services/log/export-log";

export const GET = jsonRoute(({ ctx, url, request }) => {
	const input = jsonInput(url, exportLogSchema);
	const day = ctx.now().toISOString().slice(0, 10);
	return new Response(exportLog(ctx, input, request.signal), {
		headers: {
			"content-type": "text/csv; charset=utf-8",
			"content-disposition": `attachment; filename="onecount-log-${day}.csv"`,
			"cache-control": "private, no-store",
		},
	});
});
