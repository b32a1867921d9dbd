/**
 * What a platform's control panel shows, in a frame of its own, when a merchant opens the host's app. Nobody is signed in by
 * it: whoever opens it there may be no member here.
 */
import { isConnectable } from "@/lib/channels/registry";
import { signedStore } from "@/lib/services/channels/app-callbacks";
import { NotFound } from "@/lib/services/errors";
import { errorResponse } from "@/lib/services/http";

export async function GET(request: Request, { params }: { params: Promise<{ platform: string }> }): Promise<Response> {
	try {
		const { platform } = await params;
		if (!isConnectable(platform)) throw new NotFound("platform");
		const storeKey = await signedStore(platform, new URL(request.url).searchParams, new Date());
		if (storeKey === null) return new Response(null, { status: 401 });
		return new Response(
			'<!doctype html><html lang="en"><meta charset="utf-8"><title>Onecount</title><p>Onecount keeps this store\'s stock. <a href="/channels" target="_blank" rel="noopener">Open Onecount</a></p></html>',
			{ headers: { "cache-control": "no-store", "content-type": "text/html; charset=utf-8" } },
		);
	} catch (error) {
		return errorResponse(error, request);
	}
}
