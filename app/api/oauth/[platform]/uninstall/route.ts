/** Where a platform tells that the host's app was removed from a store. */
import { isConnectable } from "@/lib/channels/registry";
import { heedRemoval, signedStore } from "@/lib/services/channels/app-callbacks";
import { NotFound } from "@/lib/services/errors";
import { errorResponse } from "@/lib/services/http";

export async function GET(request: Request, { params }: { params: Promise<{ platform: string }> }): Promise<Response> {
	try {
		const { platform } = await params;
		if (!isConnectable(platform)) throw new NotFound("platform");
		const storeKey = await signedStore(platform, new URL(request.url).searchParams, new Date());
		if (storeKey === null) return new Response(null, { status: 401 });
		await heedRemoval(platform, storeKey);
		return new Response(null, { status: 204 });
	} catch (error) {
		return errorResponse(error, request);
	}
}
