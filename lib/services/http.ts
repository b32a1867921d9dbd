/** JSON routes in one shape: the gate first, known errors as `{ reason, sentence }`, anything else as 500 with an id to quote. */
import { unstable_rethrow } from "next/navigation";
import type { Role } from "@/db/schema/identity";
import { findMember, type Member } from "@/lib/auth/gate";
import { authorise } from "./context";
import { errorResponse, privately } from "./describe-error";
import { SignedOut } from "./errors";

export { errorResponse };

type Params = Record<string, string | string[]>;
type RouteInput<P extends Params> = { ctx: Member; request: Request; url: URL; params: P };

/**
 * A route handler that answers with what `handler` returns (a `Response` passes as it is: a CSV, a stream).
 *
 * ```ts
 * export const GET = jsonRoute(({ ctx, url }) => listSkus(ctx, parseSkuQuery(url.searchParams)));
 * export const GET = jsonRoute<{ skuId: string }>(({ ctx, params }) => readSku(ctx, params.skuId));
 * ```
 */
export function jsonRoute<P extends Params = Record<string, never>>(
	handler: (input: RouteInput<P>) => unknown,
	{ minimum = "viewer" }: { minimum?: Role } = {},
) {
	return async (request: Request, route: { params: Promise<P> }): Promise<Response> => {
		try {
			const ctx = await findMember();
			if (!ctx) throw new SignedOut();
			authorise(ctx, minimum);
			const answer = await handler({ ctx, request, url: new URL(request.url), params: await route.params });
			return answer instanceof Response ? answer : Response.json(answer ?? null, { headers: privately });
		} catch (error) {
			unstable_rethrow(error);
			return errorResponse(error, request);
		}
	};
}
