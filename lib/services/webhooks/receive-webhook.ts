/**
 * The one verb behind both doors (the route handler, and the fast path in front of Next): verify the signature over
 * the raw bytes, put the mail into the inbox, answer after the commit (R2). Work is never done here; the channel is
 * only told that it has mail.
 */
import { adapterFor, isConnectable } from "@/lib/channels/registry";
import { reachable } from "../sync/fault-points";
import { countWebhook } from "./count-webhooks";
import { type Kept, keepMail, type Mail } from "./keep-mail";
import { microBatcher, QueueFull } from "./micro-batcher";
import { webhookChannel } from "./webhook-channel";

export type WebhookRequest = {
	platform: string;
	channelId: string;
	headers: Record<string, string>;
	query?: string;
	rawBody: Buffer;
};
export type WebhookReply = { status: number; body: string; headers?: Record<string, string> };

/** Bodies above this are refused with 413 before they are read whole. */
export const largestWebhookBytes = 2_000_000;
export const tooLargeSentence = `A webhook has at most ${largestWebhookBytes.toLocaleString("en")} bytes, and this one has more.\n`;

type Inbox = ReturnType<typeof microBatcher<Mail, Kept>>;
const shared = globalThis as { onecountInbox?: Inbox };

/** One batcher per process, whichever door the mail came in by. */
function inbox(): Inbox {
	shared.onecountInbox ??= microBatcher<Mail, Kept>({
		commit: keepMail,
		largestBatch: 500,
		inFlight: 2,
		longestQueue: 5_000,
		// Large mail: neither a statement nor the process may grow with what a store chooses to send.
		bySize: { sizeOf: ({ body }) => body.length, largestBatch: 16_000_000, longestQueue: 200_000_000 },
	});
	return shared.onecountInbox;
}

export async function receiveWebhook(request: WebhookRequest): Promise<WebhookReply> {
	if (!isConnectable(request.platform)) return unknownChannel;
	let channel = await webhookChannel(request.channelId);
	// It may have been connected again since it was last looked up.
	if (channel?.isClosed) channel = await webhookChannel(request.channelId, { olderThanMs: 1_000 });
	if (!channel || channel.platform !== request.platform || channel.isClosed) return unknownChannel;

	const adapter = await adapterFor(request.platform);
	const mail = { headers: request.headers, query: request.query, rawBody: request.rawBody };
	let verdict = adapter.verifyWebhook(mail, channel.secrets);
	if (verdict.verdict === "rejected") {
		// The secret may have been rotated since it was last looked up.
		const again = await webhookChannel(request.channelId, { olderThanMs: 1_000 });
		if (again && again !== channel) {
			channel = again;
			verdict = adapter.verifyWebhook(mail, channel.secrets);
		}
	}
	reachable("verify");
	switch (verdict.verdict) {
		case "rejected":
			countWebhook(channel, verdict.reason === "wrong_signature" ? "missigned" : "rejected");
			return {
				status: 401,
				body: verdict.reason === "missing_signature" ? "This needs a signature.\n" : "The signature does not match.\n",
			};
		case "ping":
			return ok;
		case "accepted":
	}
	try {
		const { isNew } = await inbox().push({
			merchantId: channel.merchantId,
			channelId: channel.channelId,
			topic: verdict.topic,
			dedupeKey: verdict.dedupeKey,
			body: request.rawBody,
		});
		countWebhook(channel, isNew ? "accepted" : "repeated");
		return ok;
	} catch (error) {
		if (error instanceof QueueFull) return busy;
		// Nothing was kept, so nothing is acknowledged: the platform sends it again, or the next poll finds it.
		console.error("a webhook could not be kept:", (error as Error).message);
		return unavailable;
	}
}

const ok: WebhookReply = { status: 200, body: "" };
const unknownChannel: WebhookReply = { status: 404, body: "No such channel.\n" };
const unavailable: WebhookReply = {
	status: 503,
	body: "The mail could not be kept; send it again.\n",
	headers: { "retry-after": "5" },
};
const busy: WebhookReply = {
	status: 503,
	body: "Too much mail at once; send it again.\n",
	headers: { "retry-after": "1" },
};
