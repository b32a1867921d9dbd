/**
 * Where a platform sends the browser back to. Nothing is shown here: the outcome has a page of its own. What stands in
 * this address is worth access, so it is never told to anybody as a referrer (next.config.mjs).
 */
import { cookies } from "next/headers";
import { findMember } from "@/lib/auth/gate";
import { isConnectable } from "@/lib/channels/registry";
import { installReply } from "@/lib/services/channels/connect-install";
import { oauthStateCookie } from "@/lib/services/channels/oauth-cookie";
import { browserOrigin } from "@/lib/services/channels/public-address";
import { beginsThere, finishVisit } from "@/lib/services/channels/visit-store";
import { NotFound } from "@/lib/services/errors";
import { errorResponse } from "@/lib/services/http";

export async function GET(request: Request, { params }: { params: Promise<{ platform: string }> }): Promise<Response> {
	try {
		const { platform } = await params;
		if (!isConnectable(platform)) throw new NotFound("platform");
		const form = `/channels/connect/${platform}`;
		const { search, searchParams } = new URL(request.url);
		// Who is not signed in does that first, and comes back to the page where it is said that the store belongs here.
		if (await beginsThere(platform))
			return installReply(platform, search, request.headers.get("sec-fetch-dest") === "iframe");

		const member = await findMember();
		if (!member) return seeOther(`/sign-in?${new URLSearchParams({ next: form })}`);
		const jar = await cookies();
		const state = jar.get(oauthStateCookie)?.value ?? "";
		jar.delete({ name: oauthStateCookie, path: "/api/oauth" });
		const back = await finishVisit(member, platform, searchParams, { origin: browserOrigin(request.headers), state });
		if (back.result === "rejected") return seeOther(`${form}?problem=${back.reason}`);
		return seeOther(back.channelId ? `/channels/${back.channelId}/setup/check` : `${form}/${back.attemptId}`);
	} catch (error) {
		return errorResponse(error, request);
	}
}

/** Relative: the browser stays where it reached us. */
const seeOther = (location: string) =>
	new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
