import { expect } from "vitest";
import type { ChannelErrorReason } from "../errors";
import { expectReason, knownErrorOf } from "./expectations";
import { type Mailbox, openMailbox, tellsOf } from "./mailbox";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

export type Garbled = "page" | "redirect" | "empty" | "cut";

/** So many answers of a registration are spoilt one by one; the rest are more of the same. */
const spoiltAnswers = 4;
/** What was taken out of a queue and not answered for is there again. */
const comesAgainMs = 600_000;

/** Registering, removing and collecting while answers come garbled, and once they come as promised again. */
export async function checkGarbledNews(
	suite: Suite,
	shop: Shop,
	how: Garbled,
	reasons: ChannelErrorReason[],
): Promise<void> {
	const { adapter, facts } = suite;
	const { coverage } = facts;
	await shop.calm();
	if (coverage.orders.webhooks === "none" && coverage.levels.webhooks === "none") return;
	const mailbox = await openMailbox(suite, shop);
	try {
		await mailbox.register();
		const wanted = await topicsOf(shop);
		expect(wanted).not.toEqual([]);
		const register = (connection = shop.connection) =>
			adapter.registerWebhooks(connection, mailbox.callbackUrl, mailbox.secret);
		const remove = () => adapter.removeWebhooks(shop.connection, mailbox.callbackUrl);
		const removeCalmly = () => shop.patiently(remove);

		/** Whatever was left behind, the next one finds it. */
		async function expectMended() {
			expect(await mailbox.register()).toMatchObject({ state: "registered", missing: [] });
			expect(await topicsOf(shop)).toEqual(wanted);
		}

		async function garbled(work: () => Promise<void>) {
			await shop.turn({ garbled: how });
			await work();
			await shop.calm();
		}

		for (const before of [async () => {}, removeCalmly]) {
			await before();
			await garbled(async () => {
				const { error, answer } = await ended("registerWebhooks", register);
				if (error) expectReason("registerWebhooks", error, ...reasons);
				else expect(isWhole(answer), "registered by answers that say nothing").toBe(false);
			});
			await expectMended();
		}
		await garbled(async () => {
			const { error } = await ended("removeWebhooks", remove);
			expectReason("removeWebhooks", error, ...reasons);
		});
		await expectMended();
		if (adapter.collectMail) await expectCollected(suite, shop, mailbox, garbled, reasons);

		if (how === "page" || how === "redirect") return;
		for (let n = 0; n < 2 * spoiltAnswers; n++) {
			const spoilt = { place: Math.floor(n / 2), isDone: n % 2 === 0, how };
			await removeCalmly();
			const { error, answer } = await ended("registerWebhooks", () => register(spoiltAt(shop, spoilt)));
			if (error) expectReason("registerWebhooks", error, "throttled", ...reasons);
			// Of an answer from which nothing is read, nothing is missed.
			else if (isWhole(answer)) expect(await topicsOf(shop), JSON.stringify(spoilt)).toEqual(wanted);
			await expectMended();
		}
	} finally {
		await mailbox.close();
	}
}

const topicsOf = async (shop: Shop) => (await shop.webhooks()).map(({ topic }) => topic).sort();

const isWhole = (answer: { state: string; missing: readonly string[] } | null) =>
	answer?.state === "registered" && answer.missing.length === 0;

async function ended<T>(what: string, work: () => Promise<T>) {
	let answer: T | null = null;
	const error = await knownErrorOf(what, async () => {
		answer = await work();
	});
	return { error, answer: answer as T | null };
}

/** One of the calls was done, or was not, and its answer does not say so. */
function spoiltAt(shop: Shop, { place, isDone, how }: { place: number; isDone: boolean; how: "empty" | "cut" }) {
	const { connection } = shop;
	const { http } = connection;
	let calls = 0;
	const send: typeof http.send = async (request) => {
		const isSpoilt = calls++ === place;
		if (!isSpoilt) return http.send(request);
		const reply = isDone ? await http.send(request) : { status: 200, headers: {}, text: '{"result":{}}', ms: 0 };
		return { ...reply, text: how === "empty" ? "" : reply.text.slice(0, Math.floor(reply.text.length / 2)) };
	};
	return { ...connection, http: { ...http, send } };
}

/** What is not read is not taken for nothing: it stays where it is. */
async function expectCollected(
	{ adapter }: Suite,
	shop: Shop,
	mailbox: Mailbox,
	garbled: (work: () => Promise<void>) => Promise<void>,
	reasons: ChannelErrorReason[],
): Promise<void> {
	const orderRef = await shop.buy("CUP");
	await expect.poll(shop.isMailWaiting, { timeout: 20_000, interval: 25 }).toBe(false);
	await garbled(async () => {
		const { error, answer } = await ended("collectMail", async () =>
			adapter.collectMail?.(shop.connection, { waitMs: 0 }),
		);
		if (error) expectReason("collectMail", error, ...reasons);
		else expect(answer?.items ?? []).toEqual([]);
	});
	await shop.pass(comesAgainMs);
	await mailbox.until(tellsOf(orderRef));
}
