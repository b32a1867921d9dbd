/**
 * The queue in which Amazon leaves its news. The queue service's own library speaks to it, but through our way out, so that an
 * address that was typed by somebody is guarded like any other. It is loaded when a queue is first asked.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { CollectedMail, SecretNews } from "../news";
import { isSecretMessage, openMessage, readSecretNews } from "./notification";

/** The most that one call gives and takes. */
const batchSize = 10;
const longestWaitSeconds = 20;
/** What was fetched and not taken out comes again after this: long enough to be kept, short enough after a crash. */
const visibilitySeconds = 60;
/** An answer may take this long beyond the wait that was asked for. */
const slackMs = 10_000;

export type Queue = { queueUrl: string; region: string; keyId: string; secret: string };

/** Null where none is set. */
export function queueOf({ access }: { access: Readonly<Record<string, string>> }): Queue | null {
	const { queueUrl, queueKeyId, queueSecret, queueRegion } = access;
	if (!queueUrl || !queueKeyId || !queueSecret) return null;
	const region = queueRegion || /^https:\/\/sqs\.([a-z0-9-]+)\./.exec(queueUrl)?.[1] || "us-east-1";
	return { queueUrl, region, keyId: queueKeyId, secret: queueSecret };
}

/** `arn:aws:sqs:<region>:<account>:<name>`, as the address says them; null where it doesn't. */
export function arnOf({ queueUrl, region }: Queue): { arn: string; accountId: string } | null {
	const [, accountId, name] = /\/(\d{12})\/([\w-]+)$/.exec(queueUrl) ?? [];
	return accountId && name ? { arn: `arn:aws:sqs:${region}:${accountId}:${name}`, accountId } : null;
}

type Sqs = typeof import("@aws-sdk/client-sqs");

/** One conversation with the queue; whatever it throws is a ChannelError. */
async function withQueue<T>(
	connection: Connection,
	queue: Queue,
	options: { timeoutMs: number; signal?: AbortSignal },
	work: (client: SQSClient, sqs: Sqs) => Promise<T>,
): Promise<T> {
	const sqs = await import("@aws-sdk/client-sqs");
	const client = new sqs.SQSClient({
		region: queue.region,
		endpoint: endpointOf(queue.queueUrl),
		credentials: { accessKeyId: queue.keyId, secretAccessKey: queue.secret },
		// Checked message by message here: one that was damaged on the way must not keep the others from being read.
		md5: false,
		maxAttempts: 1,
		// Signed by the clock that everything else goes by.
		systemClockOffset: connection.now().getTime() - Date.now(),
		requestHandler: {
			handle: async (request: SdkRequest) => ({ response: await sendFor(connection, request, options) }),
		} as never,
	});
	try {
		return await work(client, sqs);
	} catch (error) {
		throw asChannelError(error);
	} finally {
		client.destroy();
	}
}

/** The queue is named in each call's body, so all that is needed is where its service answers. */
const endpointOf = (queueUrl: string) => queueUrl.replace(/\/\d{12}\/[^/]+$/, "");

type SdkRequest = {
	method: string;
	protocol: string;
	hostname: string;
	port?: number;
	path: string;
	headers: Record<string, string>;
	body?: string | Uint8Array;
};

async function sendFor(
	connection: Connection,
	request: SdkRequest,
	{ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
) {
	const reply = await connection.http.send({
		method: "POST",
		url: `${request.protocol}//${request.hostname}${request.port ? `:${request.port}` : ""}${request.path}`,
		headers: withoutHost(request.headers),
		body: textOf(request.body),
		timeoutMs,
		signal,
		// Buyers' postal codes and an app's new secret come this way.
		isSecret: true,
	});
	return { statusCode: reply.status, headers: reply.headers, body: Readable.from([Buffer.from(reply.text)]) };
}

/** The library's own kind of bytes complains when it is taken for text. */
const textOf = (body: SdkRequest["body"] = ""): string =>
	typeof body === "string" ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");

const withoutHost = ({ host: _host, "content-length": _length, ...headers }: Record<string, string>) => headers;

function asChannelError(error: unknown): ChannelError {
	if (error instanceof ChannelError) return error;
	const { name = "Error", message = "" } = error as Error;
	if (/NonExistent|QueueDoesNotExist/.test(name))
		return new ChannelError("gone", "The queue does not exist.", {
			fix: "Copy the queue's URL again from Amazon SQS, and check its region.",
			code: name,
		});
	if (/signature (expired|not yet current)/i.test(message))
		return new ChannelError(
			"refused",
			"The queue refuses our signature because its clock and ours differ by minutes.",
			{
				fix: "Set this computer's clock by a time server.",
				code: "CLOCK",
			},
		);
	if (
		/InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|AccessDenied|InvalidAddress/.test(
			name,
		)
	)
		return new ChannelError("missing_scope", "The queue does not accept these keys.", {
			fix: "Give the key's user sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes on this queue, and paste its access key again.",
			code: name,
		});
	if (/Throttl|OverLimit/.test(name))
		return new ChannelError("throttled", "The queue asks to wait.", { code: name, retryAfterMs: 2_000 });
	return new ChannelError("unreachable", `The queue can't be read: ${message.slice(0, 200) || name}.`, {
		code: name,
		cause: error,
	});
}

/** What the queue is: asks nothing of it but that it is there and may be read. */
export async function checkQueue(connection: Connection, queue: Queue): Promise<void> {
	await withQueue(connection, queue, { timeoutMs: slackMs }, (client, sqs) =>
		client.send(new sqs.GetQueueAttributesCommand({ QueueUrl: queue.queueUrl, AttributeNames: ["All"] })),
	);
}

/**
 * Up to ten messages, bare or in an event bus's envelope, each once. Those whose sum does not fit stay where they are and come
 * again. What is said of an app's client secret is handed on apart, each taken out by itself, and is in no other place. Postal
 * codes are left out of what is handed on.
 */
export async function collectMail(
	connection: Connection,
	{ waitMs, signal }: { waitMs: number; signal?: AbortSignal },
): Promise<CollectedMail | null> {
	const queue = queueOf(connection);
	if (!queue) return null;
	const waitSeconds = Math.min(longestWaitSeconds, Math.max(0, Math.round(waitMs / 1_000)));
	const received = await withQueue(
		connection,
		queue,
		{ timeoutMs: waitSeconds * 1_000 + slackMs, signal },
		async (client, sqs) =>
			client.send(
				new sqs.ReceiveMessageCommand({
					QueueUrl: queue.queueUrl,
					MaxNumberOfMessages: batchSize,
					WaitTimeSeconds: waitSeconds,
					VisibilityTimeout: visibilitySeconds,
					MessageSystemAttributeNames: ["All"],
				}),
			),
	);
	const whole = (received.Messages ?? []).filter(isWhole);
	const others = whole.filter(({ Body }) => !isSecretMessage(Body));
	const secrets = whole.flatMap(({ Body, ReceiptHandle }): SecretNews[] => {
		const said = readSecretNews(Body, connection.now());
		return said ? [{ ...said, done: () => takeOut(connection, queue, [ReceiptHandle]) }] : [];
	});
	const items = new Map(
		others
			.map((message) => openMessage(connection, message.Body, message.MessageId ?? message.ReceiptHandle))
			.map((item) => [`${item.storeKey} ${item.dedupeKey}`, item]),
	);
	return {
		items: [...items.values()],
		secrets,
		done: () =>
			takeOut(
				connection,
				queue,
				others.map(({ ReceiptHandle }) => ReceiptHandle),
			),
	};
}

type Whole = { Body: string; ReceiptHandle: string; MessageId?: string };

function isWhole(message: Message): message is Message & Whole {
	const { Body, MD5OfBody, ReceiptHandle } = message;
	return (
		Body !== undefined &&
		ReceiptHandle !== undefined &&
		MD5OfBody === createHash("md5").update(Body, "utf8").digest("hex")
	);
}

/** The reply is 200 though some stayed: those come again, and are told apart by their ids. Throws where that was the queue's fault. */
async function takeOut(connection: Connection, queue: Queue, handles: readonly string[]): Promise<void> {
	if (handles.length === 0) return;
	const reply = await withQueue(connection, queue, { timeoutMs: slackMs }, (client, sqs) =>
		client.send(
			new sqs.DeleteMessageBatchCommand({
				QueueUrl: queue.queueUrl,
				Entries: handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
			}),
		),
	);
	const [failed] = reply.Failed ?? [];
	if (failed)
		throw new ChannelError(
			"unreachable",
			`${reply.Failed?.length} messages stayed in the queue: ${failed.Message || failed.Code}.`,
			{
				code: failed.Code ?? null,
			},
		);
}
