import { largestWebhookBytes, receiveWebhook, tooLargeSentence } from "@/lib/services/webhooks/receive-webhook";

export const dynamic = "force-dynamic";

/** The door for any host of Next.js; where our own server runs, its fast path takes these requests before Next. */
export async function POST(
	request: Request,
	{ params }: { params: Promise<{ platform: string; channelId: string }> },
): Promise<Response> {
	if (Number(request.headers.get("content-length") ?? 0) > largestWebhookBytes) return tooLarge();
	const rawBody = await readCapped(request);
	if (!rawBody) return tooLarge();
	try {
		const headers = Object.fromEntries(request.headers);
		const query = new URL(request.url).search.slice(1);
		const reply = await receiveWebhook({ ...(await params), headers, query, rawBody });
		return new Response(reply.body, { status: reply.status, headers: reply.headers });
	} catch (error) {
		// Not stored, so not acknowledged: the platform tells it again (R2).
		console.error(error);
		return new Response(null, { status: 503, headers: { "retry-after": "5" } });
	}
}

const tooLarge = () => new Response(tooLargeSentence, { status: 413 });

/** The raw bytes, since the signature covers them; null once there are too many. */
async function readCapped(request: Request): Promise<Buffer | null> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
		size += chunk.length;
		if (size > largestWebhookBytes) return null;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
