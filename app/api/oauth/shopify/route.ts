/** Where Shopify sends the browser back to. Nothing is shown here: the outcome has a page of its own. */
import { cookies } from "next/headers";
import { findMember } from "@/lib/auth/gate";
import { oauthStateCookie } from "@/lib/services/channels/oauth-cookie";
import { finishShopifyOAuth } from "@/lib/services/channels/shopify-oauth";
import { errorResponse } from "@/lib/services/http";

export async function GET(request: Request): Promise<Response> {
	const member = await findMember();
	if (!member) return seeOther("/sign-in?next=/channels/connect/shopify");
	const jar = await cookies();
	const state = jar.get(oauthStateCookie)?.value ?? "";
	jar.delete({ name: oauthStateCookie, path: "/api/oauth" });
	try {
		const back = await finishShopifyOAuth(member, new URL(request.url).searchParams, state);
		if (back.result === "rejected") return seeOther(`/channels/connect/shopify?problem=${back.reason}`);
		return seeOther(
			back.channelId ? `/channels/${back.channelId}/setup/check` : `/channels/connect/shopify/${back.attemptId}`,
		);
	} catch (error) {
		return errorResponse(error, request);
	}
}

/** Relative: the browser stays where it reached us. */
const seeOther = (location: string) =>
	new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
