/** The queue, as the queue service's own library speaks to it. */
import {
	ChangeMessageVisibilityCommand,
	DeleteMessageBatchCommand,
	DeleteMessageCommand,
	GetQueueAttributesCommand,
	ReceiveMessageCommand,
	SendMessageCommand,
	SQSClient,
} from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { sandboxForTests } from "../testing";
import type { AmazonSettings } from "./settings";
import { openTestAccount } from "./testing";

const sandbox = sandboxForTests();

async function open(settings: Partial<AmazonSettings> = {}, keys: Partial<Record<"id" | "secret", string>> = {}) {
	const account = await openTestAccount(sandbox, { settings });
	const { queueUrl: QueueUrl = "", queueKeyId = "", queueSecret = "" } = account.keys;
	/** Signs by the clock as it is when it is made. */
	const clientNow = () =>
		new SQSClient({
			region: "us-east-1",
			endpoint: `${account.baseUrl}/sqs`,
			credentials: { accessKeyId: keys.id ?? queueKeyId, secretAccessKey: keys.secret ?? queueSecret },
			systemClockOffset: sandbox.now().getTime() - Date.now(),
			maxAttempts: 1,
		});
	const client = clientNow();
	return {
		client,
		clientNow,
		QueueUrl,
		send: (MessageBody: string) => client.send(new SendMessageCommand({ QueueUrl, MessageBody })),
		receive: (more: object = {}) =>
			client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more })),
	};
}

describe("a message", () => {
	test("is received with the sum of its body, hidden for its time, and comes again under another handle", async () => {
		const queue = await open();
		await queue.send("grüße ✓");
		// The library checks the sum itself.
		const [first] = (await queue.receive({ VisibilityTimeout: 60 })).Messages ?? [];
		expect(first?.Body).toBe("grüße ✓");
		expect((await queue.receive()).Messages).toBeUndefined();
		sandbox.putForward(61_000);
		const [second] =
			(
				await queue
					.clientNow()
					.send(new ReceiveMessageCommand({ QueueUrl: queue.QueueUrl, MessageSystemAttributeNames: ["All"] }))
			).Messages ?? [];
		expect([second?.MessageId, second?.Attributes?.ApproximateReceiveCount]).toEqual([first?.MessageId, "2"]);
		expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
	});

	test("is gone by its last handle, for good, and stays by an older one though the answer is the same", async () => {
		const queue = await open();
		await queue.send("a");
		const [first] = (await queue.receive({ VisibilityTimeout: 0 })).Messages ?? [];
		const [second] = (await queue.receive({ VisibilityTimeout: 0 })).Messages ?? [];
		const remove = (ReceiptHandle?: string) =>
			queue.client.send(new DeleteMessageCommand({ QueueUrl: queue.QueueUrl, ReceiptHandle }));
		await remove(first?.ReceiptHandle);
		const [third] = (await queue.receive({ VisibilityTimeout: 0 })).Messages ?? [];
		expect(third?.MessageId).toBe(second?.MessageId);
		await remove(third?.ReceiptHandle);
		await remove(third?.ReceiptHandle);
		expect((await queue.receive()).Messages).toBeUndefined();
		await expect(remove("nonsense")).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
	});

	test("that is waited for comes as soon as it is there", async () => {
		const queue = await open();
		const waiting = queue.receive({ WaitTimeSeconds: 20 });
		await queue.send("now");
		expect((await waiting).Messages).toHaveLength(1);
	});
});

describe("a batch", () => {
	test("is at most ten, and one bad entry fails alone under a good answer", async () => {
		const queue = await open();
		for (let n = 0; n < 11; n++) await queue.send(String(n));
		const { Messages = [] } = await queue.receive();
		expect(Messages).toHaveLength(10);
		const entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
		const remove = (Entries: typeof entries) =>
			queue.client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.QueueUrl, Entries }));
		await expect(remove([...entries, { Id: "10", ReceiptHandle: "x" }])).rejects.toMatchObject({
			name: "TooManyEntriesInBatchRequest",
		});
		await expect(remove([])).rejects.toMatchObject({ name: "EmptyBatchRequest" });
		await expect(remove(entries.map((entry) => ({ ...entry, Id: "0" })))).rejects.toMatchObject({
			name: "BatchEntryIdsNotDistinct",
		});
		const reply = await remove([...entries.slice(0, 9), { Id: "bad", ReceiptHandle: "x" }]);
		expect([reply.Successful?.length, reply.Failed]).toEqual([
			9,
			[expect.objectContaining({ Id: "bad", Code: "ReceiptHandleIsInvalid", SenderFault: true })],
		]);
	});
});

test("who is not known, or signs with another secret, or asks for another queue, is told apart", async () => {
	const named = async (keys: Parameters<typeof open>[1], queueUrl?: (url: string) => string) => {
		const { client, QueueUrl } = await open({}, keys);
		const ask = client.send(
			new GetQueueAttributesCommand({ QueueUrl: queueUrl?.(QueueUrl) ?? QueueUrl, AttributeNames: ["All"] }),
		);
		return ask.then(
			({ Attributes }) => Attributes?.QueueArn,
			(error: Error) => error.name,
		);
	};
	expect(await named({})).toBe("arn:aws:sqs:us-east-1:444455556666:onecount");
	expect(await named({ id: "AKIASOMEBODY" })).toBe("InvalidClientTokenId");
	expect(await named({ secret: "another" })).toBe("SignatureDoesNotMatch");
	expect(await named({}, (url) => `${url}x`)).toBe("QueueDoesNotExist");
});

test("a body that was damaged is found by its sum, and the library gives up all that came with it", async () => {
	const queue = await open({ queueDamageRate: 1 });
	await queue.send('{"a":1}');
	await expect(queue.receive()).rejects.toThrow(/Invalid MD5/);
});

test("limits are the service's own: eleven at once, a minute's wait, and an operation that it does not know", async () => {
	const queue = await open();
	await expect(queue.receive({ MaxNumberOfMessages: 11 })).rejects.toMatchObject({ name: "InvalidParameterValue" });
	await expect(queue.receive({ WaitTimeSeconds: 60 })).rejects.toMatchObject({ name: "InvalidParameterValue" });
	const hide = new ChangeMessageVisibilityCommand({
		QueueUrl: queue.QueueUrl,
		ReceiptHandle: "x",
		VisibilityTimeout: 1,
	});
	await expect(queue.client.send(hide)).rejects.toMatchObject({ name: "UnknownOperationException" });
});
