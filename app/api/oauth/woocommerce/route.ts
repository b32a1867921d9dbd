/**
 * Where a WooCommerce shop's server posts the keys that its owner agreed to hand over. Exactly 200 tells the shop that
 * they arrived; after anything else it deletes them.
 */
import { receiveHandedKeys } from "@/lib/services/channels/woocommerce-hand-over";
import { errorResponse } from "@/lib/services/http";

const largestBytes = 10_000;

export async function POST(request: Request): Promise<Response> {
	try {
		if (Number(request.headers.get("content-length")) > largestBytes) return new Response(null, { status: 413 });
		const body = Buffer.from(await request.arrayBuffer());
		if (body.length > largestBytes) return new Response(null, { status: 413 });
		const handed = await receiveHandedKeys(body, new Date());
		return new Response(null, { status: handed === "accepted" ? 200 : 403 });
	} catch (error) {
		return errorResponse(error, request);
	}
}
