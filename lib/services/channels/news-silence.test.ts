import { expect, test } from "vitest";
import { judgeSilence, type SilenceFacts } from "./news-silence";

const now = Date.parse("2026-11-24T12:00:00Z");
const minutesAgo = (minutes: number) => now - minutes * 60_000;
const calm: SilenceFacts = {
	webhookAt: minutesAgo(45),
	newsAt: minutesAgo(45),
	hasWebhooks: true,
	unproven: 0,
	secret: "client secret",
	unheard: 0,
	before: 4,
	dayBefore: 3,
};

test("a shop that sells little is quiet without anybody being told", () => {
	expect(judgeSilence(calm, now)).toBeNull();
	expect(judgeSilence({ ...calm, newsAt: null, webhookAt: null }, now)).toBeNull();
});

test("a sale that was found, and that no webhook told of, is certain", () => {
	const deaf = { ...calm, newsAt: minutesAgo(1), unheard: 3 };
	expect(judgeSilence(deaf, now)).toEqual({ of: "webhooks", since: "2026-11-24T11:15:00.000Z", sales: 3 });
	expect(judgeSilence({ ...deaf, hasWebhooks: false }, now)).toBeNull();
});

test("webhooks of which none is rightly signed are told of at the third", () => {
	expect(judgeSilence({ ...calm, unproven: 2 }, now)).toBeNull();
	expect(judgeSilence({ ...calm, unproven: 3, unheard: 1 }, now)).toEqual({
		of: "signature",
		refused: 3,
		secret: "client secret",
	});
	expect(judgeSilence({ ...calm, unproven: 3, hasWebhooks: false }, now)).toBeNull();
});

test("a shop that has sold nothing for much longer than its pace is said to, and not for the night that it sleeps", () => {
	const stopped = { ...calm, before: 40, dayBefore: 25 };
	expect(judgeSilence(stopped, now)).toEqual({ of: "sales", since: "2026-11-24T11:15:00.000Z", usual: 25 });
	expect(judgeSilence({ ...stopped, dayBefore: 0 }, now)).toBeNull();
	expect(judgeSilence({ ...stopped, before: 2 }, now)).toBeNull();
	// Connected today: there is no day before to compare with.
	expect(judgeSilence({ ...stopped, dayBefore: null }, now)).toMatchObject({ usual: 40 });
	expect(judgeSilence({ ...stopped, newsAt: minutesAgo(29) }, now)).toBeNull();
});
