/**
 * The log-in address that a platform's own list of apps opens when a merchant begins there: who they are is asked first, then
 * the browser goes on to the platform's page, and comes back as from any visit.
 */
import { isConnectable } from "@/lib/channels/registry";
import { startReply } from "@/lib/services/channels/begin-start";
import { NotFound } from "@/lib/services/errors";
import { errorResponse } from "@/lib/services/http";

export async function GET(request: Request, { params }: { params: Promise<{ platform: string }> }): Promise<Response> {
	try {
		const { platform } = await params;
		if (!isConnectable(platform)) throw new NotFound("platform");
		return await startReply(platform, new URL(request.url).search);
	} catch (error) {
		return errorResponse(error, request);
	}
}
