import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import { compareVersions } from "@/lib/stock/order";
import { type IncomingWebhook, type Signal, UnreadableMail } from "../news";
import type { CheckName } from "./checks";
import { type Mailbox, madeSecret, openMailbox, orderRefOf, tellsOf } from "./mailbox";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

export function checkWebhooks(suite: Suite): void {
	const { adapter, facts, check, open, sandbox } = suite;
	const tellsNothing = facts.coverage.orders.webhooks === "none" && facts.coverage.levels.webhooks === "none";
	const noNews = tellsNothing ? "it sends no news" : null;
	const isFetched = adapter.collectMail ? "its news lies in a queue that only its owner can read" : null;

	function listening(
		name: CheckName,
		run: (shop: Shop, mailbox: Mailbox, unable: (reason: string) => never) => Promise<void>,
		notHere: string | null = null,
	) {
		check(
			name,
			async (unable) => {
				const shop = await open(products({ CUP: 90, MUG: 90 }));
				const mailbox = await openMailbox(suite, shop);
				try {
					await run(shop, mailbox, unable);
				} finally {
					await mailbox.close();
				}
			},
			noNews ?? notHere,
		);
	}

	const registered = { state: "registered", missing: [] };

	listening("registered twice, news comes once", async (shop, mailbox) => {
		expect(await mailbox.register()).toMatchObject(registered);
		const first = await shop.webhooks();
		expect(first.length).toBeGreaterThan(0);
		expect(await mailbox.register()).toMatchObject(registered);
		expect(await shop.webhooks()).toEqual(first);
		expect(new Set(first.map(({ topic, url }) => `${topic} ${url}`)).size).toBe(first.length);
		await mailbox.until(tellsOf(await shop.buy("CUP")));
	});

	listening("what was dropped is registered again", async (shop, mailbox, unable) => {
		await mailbox.register();
		const before = await shop.webhooks();
		for (const dropped of [before.slice(0, 1), before]) {
			if (!(await shop.giveUp(dropped))) unable("it never gives a webhook up");
			expect(await shop.webhooks()).not.toHaveLength(before.length);
			const again = await mailbox.register();
			expect(again).toMatchObject(registered);
			// Of what happened meanwhile nobody told: it is read once it is known what was made again.
			expect(again.made).not.toHaveLength(0);
			expect((await shop.webhooks()).map(({ topic }) => topic).sort()).toEqual(before.map(({ topic }) => topic).sort());
		}
		await mailbox.until(tellsOf(await shop.buy("CUP")));
	});

	listening(
		"removed, nothing comes, and others' webhooks stay",
		async (shop, mailbox) => {
			const other = await openMailbox(suite, shop);
			try {
				await other.register();
				const others = await shop.webhooks();
				await mailbox.register();
				await shop.patiently(() => adapter.removeWebhooks(shop.connection, mailbox.callbackUrl));
				expect(await shop.webhooks()).toEqual(others);
				const orderRef = await shop.buy("CUP");
				// What came to the other would have come here by now.
				await other.until(tellsOf(orderRef));
				expect(tellsOf(orderRef)(await mailbox.quiet())).toBe(false);
			} finally {
				await other.close();
			}
		},
		isFetched,
	);

	listening("mail is verified and says what a read says", async (shop, mailbox) => {
		await mailbox.register();
		const { externalKey } = await shop.listing("CUP");
		const orderRef = await shop.buy([{ sku: "CUP", quantity: 2 }]);
		const levels = (heard: Awaited<ReturnType<Mailbox["heard"]>>) =>
			heard.flatMap(({ signals }) => signals.flatMap((one) => (one.kind === "level_reported" ? [one] : [])));
		const isLevelTold = facts.coverage.levels.webhooks !== "none";
		const heard = await mailbox.until((mail) => tellsOf(orderRef)(mail) && (!isLevelTold || levels(mail).length > 0));
		for (const webhook of mailbox.received)
			expect(["accepted", "ping"]).toContain(adapter.verifyWebhook(webhook, [mailbox.secret]).verdict);
		if (isLevelTold) expect(levels(heard).map((one) => one.externalKey)).toContain(externalKey);
		const read = await shop.order(orderRef);
		const told = heard.flatMap(({ signals }) => signals).filter((signal) => orderRefOf(signal) === orderRef);
		for (const signal of told)
			if (signal.kind === "order" && compareVersions(signal.order.version, read.version) === 0)
				expect(signal.order).toEqual(read);
		expect(told.length).toBeGreaterThan(0);
	});

	type Verify = (webhook: IncomingWebhook, secrets?: string[]) => string;
	/** `hold`: of one piece of true mail. */
	function forging(name: CheckName, hold: (webhook: IncomingWebhook, verify: Verify, secret: string) => void) {
		listening(
			name,
			async (shop, mailbox) => {
				await mailbox.register();
				await mailbox.until(tellsOf(await shop.buy("CUP")));
				const { secret } = mailbox;
				const verify: Verify = (webhook, secrets = [secret]) => adapter.verifyWebhook(webhook, secrets).verdict;
				const genuine = mailbox.received.filter((webhook) => verify(webhook) === "accepted");
				expect(genuine.length).toBeGreaterThan(0);
				for (const webhook of genuine) hold(webhook, verify, secret);
			},
			isFetched,
		);
	}

	forging("mail with an altered body is rejected", (webhook, verify) => {
		const { rawBody } = webhook;
		const longer = Buffer.concat([rawBody, Buffer.from(" ")]);
		for (const other of [altered(rawBody), longer, rawBody.subarray(1), Buffer.alloc(0)])
			expect(verify({ ...webhook, rawBody: other })).toBe("rejected");
	});

	forging("mail under a wrong secret is rejected, and an old one is good beside the new", (webhook, verify, secret) => {
		for (const wrong of [[`${secret}x`], [secret.slice(1)], [""], []]) expect(verify(webhook, wrong)).toBe("rejected");
		expect(verify(webhook, [madeSecret.toUpperCase(), secret])).toBe("accepted");
	});

	forging("mail without a signature is rejected", ({ headers, rawBody }, verify) => {
		const plain = { "content-type": headers["content-type"] ?? "application/json" };
		expect(verify({ headers: plain, query: "", rawBody })).toBe("rejected");
	});

	listening(
		"a forgery beside the true mail is told apart",
		async (shop, mailbox) => {
			await mailbox.register();
			await shop.turn({ webhookForgeryRate: 1 });
			const orderRef = await shop.buy("CUP");
			await mailbox.until(tellsOf(orderRef));
			const verdicts = mailbox.received
				.map((webhook) => adapter.verifyWebhook(webhook, [mailbox.secret]).verdict)
				.filter((one) => one !== "ping");
			expect(verdicts).toContain("rejected");
			expect(verdicts).toContain("accepted");
		},
		isFetched,
	);

	listening("a piece of news that comes again has the same key", async (shop, mailbox) => {
		await mailbox.register();
		await shop.turn({ webhookDuplicateRate: 1 });
		const orderRef = await shop.buy("CUP");
		await mailbox.until(tellsOf(orderRef));
		// Doubles come up to two seconds later.
		sandbox.putForward(3_000);
		const heard = await mailbox.quiet();
		for (const { topic, dedupeKey, signals } of heard) {
			const same = heard.filter((other) => other.dedupeKey === dedupeKey);
			expect(same.length, topic).toBeGreaterThan(1);
			expect(same[0]?.signals).toEqual(signals);
		}
	});

	listening("two pieces of news have two keys", async (shop, mailbox) => {
		await mailbox.register();
		const { externalKey } = await shop.listing("MUG");
		/** What came of it under keys that nothing had before. */
		const newsOf = async (work: () => Promise<unknown>, isOfIt: (signal: Signal) => boolean) => {
			const known = new Set((await mailbox.quiet()).map(({ dedupeKey }) => dedupeKey));
			await work();
			const heard = await mailbox.quiet();
			sandbox.putForward(2_000);
			const fresh = heard.filter(({ dedupeKey, signals }) => !known.has(dedupeKey) && signals.some(isOfIt));
			return fresh.map(({ topic }) => topic).sort();
		};
		// Alike in everything but which they are.
		const orders = [];
		for (let n = 0; n < 2; n++) {
			let orderRef = "";
			const buy = async () => {
				orderRef = await shop.buy("CUP");
				await mailbox.until(tellsOf(orderRef));
			};
			orders.push(await newsOf(buy, (signal) => orderRefOf(signal) === orderRef));
		}
		expect(orders[0]?.length).toBeGreaterThan(0);
		expect(orders[1]).toEqual(orders[0]);
		if (facts.coverage.levels.webhooks === "none") return;
		// The same number again is news again.
		for (const quantity of [50, 40, 50]) {
			const told = await newsOf(
				() => shop.setQuantity("MUG", quantity),
				(signal) => signal.kind === "level_reported" && signal.externalKey === externalKey,
			);
			if (facts.coverage.levels.webhooks === "some" && told.length === 0) return;
			expect(told, String(quantity)).not.toEqual([]);
		}
	});

	listening("a body that can't be read is a dead letter", async (shop, mailbox) => {
		await mailbox.register();
		const heard = await mailbox.until(tellsOf(await shop.buy("CUP")));
		for (const { topic, rawBody } of heard.filter(({ signals }) => signals.length > 0))
			for (const body of ["", "<html></html>", "null", "[]", "{}", rawBody.toString("utf8").slice(0, -2)])
				expect(() => adapter.parseWebhook(topic, Buffer.from(body)), `${topic}: ${body.slice(0, 20)}`).toThrow(
					UnreadableMail,
				);
	});
}

/** Another number in it. */
function altered(body: Buffer): Buffer {
	const text = body.toString("latin1");
	const digit = /\d/.exec(text);
	const at = digit ? digit.index : 0;
	const copy = Buffer.from(body);
	copy[at] = text[at] === "9" ? 0x30 : (copy[at] ?? 0x30) + 1;
	return copy;
}
