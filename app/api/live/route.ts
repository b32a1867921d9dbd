import { dbFor } from "@/db/client";
import { findMember } from "@/lib/auth/gate";
import { listMemberships } from "@/lib/auth/memberships";
import { readCursor, writeCursor } from "@/lib/live/cursor";
import { eventStream, eventStreamHeaders } from "@/lib/live/event-stream";
import { NotFound, SignedOut } from "@/lib/services/errors";
import { errorResponse } from "@/lib/services/http";
import { logFeedFor } from "@/lib/services/log/feeds";
import { readHorizon } from "@/lib/services/log/read-after";

export const dynamic = "force-dynamic";

/**
 * The merchant's log as it grows, once and in order. A browser that comes again says where it stood: by itself in
 * Last-Event-ID, which is the newer, or in `after` when its page opened the stream anew. For one that comes first the
 * stream starts at the present, and says where that is. The page says of which shop it is: another tab may have chosen
 * another since.
 */
export async function GET(request: Request): Promise<Response> {
	try {
		const member = await findMember();
		if (!member) throw new SignedOut();
		const { userId, memberships } = member;
		const asked = new URL(request.url).searchParams;
		const merchantId = asked.get("merchant") ?? member.merchantId;
		if (!memberships.some((membership) => membership.merchantId === merchantId)) throw new NotFound("shop");
		const after =
			readCursor(request.headers.get("last-event-id")) ?? readCursor(asked.get("after")) ?? (await readHorizon(member));
		const stream = eventStream({
			signal: request.signal,
			from: writeCursor(after),
			follow: (follower) => logFeedFor(merchantId).follow(after, follower),
			isAllowed: async () => {
				const memberships = await listMemberships(dbFor("auth"), userId);
				return memberships.some((membership) => membership.merchantId === merchantId);
			},
		});
		return new Response(stream, { headers: eventStreamHeaders });
	} catch (error) {
		return errorResponse(error, request);
	}
}
