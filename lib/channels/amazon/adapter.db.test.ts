/** The adapter against a sandbox account over HTTP. The account's own truth comes from the sandbox. */
import { describe, expect, test } from "vitest";
import { requestCancel, shipOrder } from "@/lib/sandbox/amazon/orders";
import { placeOrder } from "@/lib/sandbox/amazon/place-order";
import { changeItem } from "@/lib/sandbox/amazon/seed";
import type { AmazonSettings } from "@/lib/sandbox/amazon/settings";
import { cancelOrder, editOrder, refundOrder, seedStore, setKnobs, standingWebhooks } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { product } from "@/lib/sandbox/testing/seeds";
import type { Check, Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { HttpClient, HttpReply } from "../http";
import type { Page, RemoteListing } from "../listing";
import type { CollectedMail } from "../news";
import { readAll } from "../testing/read-all";
import { amazon, consent } from ".";
import { waits } from "./report";
import { type Account, type Options, openAccount as open } from "./testing/open-account";

const sandbox = sandboxForTests();
// Nobody waits in a test.
Object.assign(waits, { lookMs: 0, askEveryMs: 1 });

const openAccount = (options?: Options) => open(sandbox, options);

describe("the whole way", () => {
	test("a catalogue is listed, its levels are read, a quantity is written and lands, and an order is heard of", async () => {
		const account = await openAccount();
		const listings = await account.list();
		expect(listings.map(({ sku, isManaged, quantity, options }) => [sku, isManaged, quantity, options])).toEqual([
			["CUP", true, 20, null],
			["LOOSE", false, null, null],
			[expect.stringMatching(/^PARENT-/), false, null, null],
			["TEE-M", true, 7, "M / Blue"],
			["TEE-S", true, 5, "S / Blue"],
		]);
		expect(listings[0]).toMatchObject({
			externalKey: "CUP",
			refs: ["CUP"],
			gtin: "04006381333931",
			title: "Cup",
			price: "9.50",
			url: expect.stringContaining("https://www.amazon.com/dp/B0"),
		});
		const since = sandbox.now();
		const orderRef = await account.buy("CUP", 3);
		expect(await account.level("CUP")).toBe(17);
		const written = await account.write([account.row("CUP", 12, 17), account.row("TEE-S", 0, 5)]);
		expect(written).toMatchObject({
			rows: [
				{ externalKey: "CUP", result: "accepted" },
				{ externalKey: "TEE-S", result: "accepted" },
			],
			trouble: null,
		});
		expect([await account.level("CUP"), await account.level("TEE-S")]).toEqual([12, 0]);
		const orders = await readAll((page) => amazon.listOrders(account.connection, since, page));
		expect(orders).toHaveLength(1);
		expect(orders[0]).toMatchObject({ orderRef, status: "open", lines: [{ listingRef: "CUP", sku: "CUP", taken: 3 }] });
		expect(await amazon.readOrder(account.connection, orderRef)).toEqual(orders[0]);
	});
});

const sku = (n: number) => `SKU-${String(n).padStart(4, "0")}`;
const many = (count: number) => Array.from({ length: count }, (_, n) => product(sku(n), n));
const states = (checks: Check[]) => Object.fromEntries(checks.map(({ name, state }) => [name, state]));

describe("connect", () => {
	test("a good account passes every check, and nothing in it changes", async () => {
		const account = await openAccount();
		const before = await account.list();
		const { checks, store } = await amazon.connect(account.connection);
		expect(new Set(Object.values(states(checks)))).toEqual(new Set(["passed"]));
		expect(store).toMatchObject({
			storeKey: account.keys.sellerId,
			name: "Test Account",
			facts: { marketplaceIds: ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"], currency: "USD" },
		});
		expect(await account.list()).toEqual(before);
		expect(account.connection.http.exchanges.filter(({ method }) => method === "PATCH").map(({ url }) => url)).toEqual([
			expect.stringContaining("mode=VALIDATION_PREVIEW"),
		]);
	});

	test.each<[string, Partial<AmazonSettings>, Check["name"], Check["state"], RegExp]>([
		["a permission that was taken back", { isRevoked: true }, "credentials", "failed", /authorise the app again/],
		["a role that is missing", { roles: { listings: true, orders: false } }, "scopes", "failed", /role/],
		["suspended listings", { hasSuspendedListings: true }, "stock_management", "warned", /Account Health/],
		["a secret that has ended", { secretExpiresAt: "2020-01-01T00:00:00Z" }, "credentials", "failed", /180 days/],
		[
			"a marketplace that the account does not sell at",
			{ marketplaceIds: ["A2EUQ1WTGCTBG2"] },
			"address",
			"failed",
			/amazon\.ca/,
		],
	])("%s is named with its own fix", async (_, settings, name, state, fix) => {
		const account = await openAccount({ settings });
		const { checks } = await amazon.connect(account.connection);
		const check = checks.find((one) => one.name === name);
		expect(check?.state).toBe(state);
		expect(check?.fix).toMatch(fix);
	});

	test.each<[string, Record<string, string>, Check["name"], RegExp]>([
		["a wrong client secret", { clientSecret: "amzn1.oa2-cs.v1.other" }, "credentials", /LWA credentials/],
		["another's refresh token", { refreshToken: "Atzr|other" }, "credentials", /refresh token/],
		["another's seller id", { sellerId: "ASOMEBODYELSE" }, "scopes", /seller id/],
		["a queue's wrong secret", { queueSecret: "wrong" }, "webhooks", /access key/],
		["a queue that is not there", { queueUrl: "sqs/444455556666/other" }, "webhooks", /queue's URL/],
	])("%s is named with its own fix", async (_, change, name, fix) => {
		const account = await openAccount();
		const access = { ...account.keys, ...change };
		if (change.queueUrl) access.queueUrl = `${account.baseUrl}/${change.queueUrl}`;
		const { checks } = await amazon.connect(account.connectWith(access));
		const check = checks.find((one) => one.name === name);
		expect(check?.state).toBe("failed");
		expect(check?.fix).toMatch(fix);
	});

	test("a queue whose clock is another is not taken for one with wrong keys", async () => {
		const account = await openAccount();
		const late = { ...account.connection, now: () => new Date(sandbox.now().getTime() - 20 * 60_000) };
		const { checks } = await amazon.connect(late);
		expect(checks.find(({ name }) => name === "webhooks")).toMatchObject({
			state: "failed",
			fix: expect.stringContaining("time server"),
		});
	});

	test("without a queue polling alone is promised, and said to be slow", async () => {
		const account = await openAccount();
		const { queueUrl: _, ...access } = account.keys;
		const { checks, store } = await amazon.connect(account.connectWith(access));
		expect(checks.find(({ name }) => name === "webhooks")).toMatchObject({
			state: "warned",
			sentence: expect.stringContaining("once in three minutes"),
		});
		expect(store).not.toBeNull();
	});

	test("no secret is in any exchange, not even a token that was just given", async () => {
		const account = await openAccount();
		await amazon.connect(account.connection);
		const kept = JSON.stringify(account.connection.http.exchanges);
		for (const name of ["clientSecret", "refreshToken", "queueSecret"]) expect(kept).not.toContain(account.keys[name]);
		expect(kept).not.toContain("Atza|");
	});

	test("a seller who agrees on Amazon's page is connected, with a code that works once and for five minutes", async () => {
		const account = await openAccount();
		const { applicationId, clientId, clientSecret } = account.store.secrets;
		const app = { clientId: `${applicationId}/${clientId}`, clientSecret: clientSecret ?? "" };
		const redirectUri = "https://stock.example.com/api/oauth/amazon";
		const { baseUrl } = account;
		const visit = async () => {
			const page = await account.fetch(consent.authorizeUrl?.({ app, baseUrl, state: "s", redirectUri }) ?? "");
			return consent.readReturn(new URL(page.headers.get("location") ?? "").searchParams);
		};
		const io = { http: account.connection.http, now: sandbox.now };
		const agreed = await visit();
		if (agreed.result !== "agreed") throw new Error(agreed.sentence);
		const exchange = (given: Record<string, string>) => consent.exchange(io, { app, baseUrl, redirectUri, given });
		const consented = await exchange(agreed.given);
		expect(consented.access).toMatchObject({ sellerId: account.keys.sellerId, marketplaceId: "ATVPDKIKX0DER" });
		expect(
			await readAll((page) => amazon.listListings(account.connectWith(consented.access), null, page)),
		).toHaveLength(5);
		await expect(exchange(agreed.given)).rejects.toMatchObject({ reason: "access_revoked" });
		const late = await visit();
		sandbox.putForward(6 * 60_000);
		await expect(exchange(late.result === "agreed" ? late.given : {})).rejects.toMatchObject({
			reason: "access_revoked",
		});
		await account.set({ consents: false });
		expect(await visit()).toMatchObject({ result: "denied", state: "s" });
	});
});

describe("the client secret of a private app", () => {
	const collect = async (connection: Connection) => (await amazon.collectMail?.(connection, { waitMs: 0 })) ?? null;
	const appOf = ({ keys }: { keys: Record<string, string> }, clientSecret = keys.clientSecret ?? "") => ({
		clientId: keys.clientId ?? "",
		clientSecret,
	});

	test("is renewed by a call that says nothing; the new one comes by the queue alone, and both work for a week", async () => {
		const account = await openAccount();
		const { connection } = account;
		await amazon.appSecret?.renew(connection);
		const mail = await collect(connection);
		const [news] = mail?.secrets ?? [];
		expect(mail?.items).toEqual([]);
		const days = (at?: Date) => Math.round(((at?.getTime() ?? 0) - sandbox.now().getTime()) / 86_400_000);
		expect([days(news?.endsAt), days(news?.next?.endsAt)]).toEqual([7, 180]);
		const secret = news?.next?.secret ?? "";
		expect(secret).not.toBe(account.keys.clientSecret);
		expect(JSON.stringify(connection.http.exchanges)).not.toContain(secret);
		const accepts = (clientSecret: string) => amazon.appSecret?.accepts(connection, appOf(account, clientSecret));
		expect(await accepts(secret)).toBe(true);
		expect(await accepts(account.keys.clientSecret ?? "")).toBe(true);
		expect(await accepts("amzn1.oa2-cs.v1.forged")).toBe(false);
		await mail?.done();
		sandbox.putForward(61_000);
		const again = (await collect(connection))?.secrets ?? [];
		expect(again).toHaveLength(1);
		await again[0]?.done();
		sandbox.putForward(61_000);
		expect((await collect(connection))?.secrets).toEqual([]);
		sandbox.putForward(7 * 86_400_000);
		expect(await accepts(account.keys.clientSecret ?? "")).toBe(false);
		expect(await accepts(secret)).toBe(true);
	});

	test("that Amazon does not take yet is stood in for by the one before", async () => {
		const account = await openAccount();
		const { clientSecret: previousSecret = "" } = account.keys;
		const access = { ...account.keys, clientSecret: "amzn1.oa2-cs.v1.new", previousSecret };
		expect(await readAll((page) => amazon.listListings(account.connectWith(access), null, page))).toHaveLength(5);
		const neither = account.connectWith({
			...access,
			clientSecret: "amzn1.oa2-cs.v1.a",
			previousSecret: "amzn1.oa2-cs.v1.b",
		});
		await expect(amazon.listListings(neither, null, null)).rejects.toMatchObject({ code: "invalid_client" });
	});

	test("that ends is said in the queue ninety days before, once", async () => {
		const account = await openAccount();
		const endsAt = new Date(sandbox.now().getTime() + 12 * 86_400_000);
		await account.set({ secretExpiresAt: endsAt.toISOString() });
		const mail = await collect(account.connection);
		expect(mail?.secrets).toMatchObject([{ clientId: account.keys.clientId, endsAt, next: null }]);
		await mail?.secrets?.[0]?.done();
		sandbox.putForward(61_000);
		expect((await collect(account.connection))?.secrets).toEqual([]);
	});

	test.each<[string, Partial<AmazonSettings>, string, RegExp]>([
		["no queue is named for it", { isEnrolledForSecrets: false }, "refused", /Notification Preferences/],
		[
			"it was done a moment ago",
			{ limits: { rotateApplicationClientSecret: { rate: 0.0167, burst: 0 } } },
			"throttled",
			/^$/,
		],
		["it has ended", { secretExpiresAt: "2020-01-01T00:00:00Z" }, "app_misconfigured", /Rotate secret/],
	])("is refused with a reason where %s", async (_, settings, reason, fix) => {
		const account = await openAccount({ settings });
		const error = await amazon.appSecret?.renew(account.connection).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(ChannelError);
		expect(error).toMatchObject({ reason });
		expect((error as ChannelError).fix ?? "").toMatch(fix);
	});
});

describe("listings", () => {
	test("hostile SKUs are listed, read and written exactly, each its own", async () => {
		const codes = [
			"a b",
			"A/B",
			"A#B",
			"A%2FB",
			"A,B",
			"ä-✓",
			"case",
			"CASE",
			"9007199254740993",
			"(x)'!*",
			"..",
			"+plus+",
			"x".repeat(40),
			"q?&=;",
		];
		const account = await openAccount({ products: codes.map((code, n) => product(code, n + 1)) });
		const listings = await account.list();
		expect(new Map(listings.map(({ externalKey, quantity }) => [externalKey, quantity]))).toEqual(
			new Map(codes.map((code, n) => [code, n + 1])),
		);
		const levels = await amazon.readLevels(account.connection, listings);
		expect(new Map(levels.map(({ externalKey, quantity }) => [externalKey, quantity]))).toEqual(
			new Map(codes.map((code, n) => [code, n + 1])),
		);
		const { rows, trouble } = await account.write(codes.map((code, n) => account.row(code, 100 + n)));
		expect([trouble, new Set(rows.map(({ result }) => result))]).toEqual([null, new Set(["accepted"])]);
		expect(await account.shows(...codes)).toEqual(codes.map((_, n) => 100 + n));
	}, 60_000);

	test("up to a thousand come by search, each once, while the catalogue changes", async () => {
		const account = await openAccount({ products: many(130), settings: { pageTokenGlitchRate: 0.1 } });
		const seen: string[] = [];
		let page: string | null = null;
		let pages = 0;
		do {
			const got: Page<RemoteListing> = await amazon.listListings(account.connection, null, page);
			seen.push(...got.items.map(({ externalKey }) => externalKey));
			page = got.next;
			if (++pages === 2) {
				await changeItem(sandbox.ctx, account.store, sku(3), { isDeleted: true });
				await seedStore(sandbox.ctx, account.store.id, [product("AAA-new", 10), product("ZZZ-new", 10)]);
			}
		} while (page);
		expect(new Set(seen).size).toBe(seen.length);
		for (let n = 0; n < 130; n++) if (n !== 3) expect(seen).toContain(sku(n));
		expect(seen).toContain("ZZZ-new");
	}, 60_000);

	test("beyond a thousand they come by report, which is waited for, and are read live", async () => {
		const account = await openAccount({
			products: many(1_030),
			settings: {
				reportLagMs: 3_600_000,
				reportCharset: "Cp1252",
				limits: { searchListingsItems: { rate: 1_000, burst: 1_000 } },
			},
		});
		const waiting = await amazon.listListings(account.connection, null, null);
		expect([waiting.items, waiting.total]).toEqual([[], 1_030]);
		const again = await amazon.listListings(account.connection, null, waiting.next);
		expect([again.items, again.next]).toEqual([[], waiting.next]);
		// A process that starts anew finds the report that was asked for.
		expect((await amazon.listListings(account.connection, null, null)).next).toBe(waiting.next);
		sandbox.putForward(3_700_000);
		await account.buy(sku(500), 1);
		const first = await amazon.listListings(account.connection, null, waiting.next);
		expect(first.items).toHaveLength(100);
		await changeItem(sandbox.ctx, account.store, sku(1_029), { isDeleted: true });
		await account.buy(sku(900), 5);
		const rest = await readAll((page) => amazon.listListings(account.connection, null, page ?? first.next));
		const all = new Map([...first.items, ...rest].map((one) => [one.externalKey, one.quantity]));
		expect(all.size).toBe(1_029);
		expect([all.get(sku(500)), all.get(sku(900)), all.has(sku(1_029))]).toEqual([499, 895, false]);
	}, 120_000);

	test("a report that Amazon does not make is replaced by an older one, or is told", async () => {
		const account = await openAccount({ products: many(1_005), settings: { reportFate: "cancelled" } });
		const asked = await amazon.listListings(account.connection, null, null);
		await expect(amazon.listListings(account.connection, null, asked.next)).rejects.toMatchObject({
			reason: "refused",
			code: "CANCELLED",
			fix: expect.stringContaining("few hours"),
		});
		await account.set({ reportFate: "done" });
		await amazon.listListings(
			account.connection,
			null,
			(await amazon.listListings(account.connection, null, null)).next,
		);
		await account.set({ reportFate: "fatal" });
		sandbox.putForward(40 * 60_000);
		const other = await amazon.listListings(
			account.connection,
			null,
			(await amazon.listListings(account.connection, null, null)).next,
		);
		expect(other.items).toEqual([]);
		expect((await amazon.listListings(account.connection, null, other.next)).items).toHaveLength(100);
	}, 120_000);

	test("what changed since is found, and what was written among it", async () => {
		const account = await openAccount();
		sandbox.putForward(10_000);
		const since = sandbox.now();
		await account.write([account.row("TEE-S", 2)]);
		const changed = await readAll((page) => amazon.listListings(account.connection, since, page));
		expect(changed.map(({ externalKey, quantity }) => [externalKey, quantity])).toEqual([["TEE-S", 2]]);
	});

	test("more changes than can be walked through are walked through by their stamps", async () => {
		const account = await openAccount({ settings: { limits: { searchListingsItems: { rate: 1_000, burst: 1_000 } } } });
		sandbox.putForward(10_000);
		const since = sandbox.now();
		for (let batch = 0; batch < 11; batch++) {
			sandbox.putForward(1_000);
			await seedStore(
				sandbox.ctx,
				account.store.id,
				Array.from({ length: 100 }, (_, n) => product(`B${batch}-${n}`, 10)),
			);
		}
		const changed = await readAll((page) => amazon.listListings(account.connection, since, page));
		expect(new Set(changed.map(({ externalKey }) => externalKey)).size).toBe(1_100);
	}, 120_000);

	test("one is read by its SKU, and none when it is gone", async () => {
		const account = await openAccount();
		expect(await amazon.readProduct(account.connection, "CUP")).toMatchObject([{ externalKey: "CUP", quantity: 20 }]);
		await changeItem(sandbox.ctx, account.store, "CUP", { isDeleted: true });
		expect(await amazon.readProduct(account.connection, "CUP")).toEqual([]);
		expect(
			await amazon.readLevels(account.connection, [
				{ externalKey: "CUP", ids: {} },
				{ externalKey: "TEE-S", ids: {} },
			]),
		).toHaveLength(1);
	});

	test("a place that can't be read is told, not taken for the first page", async () => {
		const account = await openAccount();
		await expect(amazon.listListings(account.connection, null, "nonsense")).rejects.toMatchObject({
			reason: "unreadable",
		});
	});
});

describe("writing", () => {
	test("is taken in first and lands later, while the level still shows what is live", async () => {
		const account = await openAccount({ settings: { effectMedianMs: 60_000 } });
		expect((await account.write([account.row("CUP", 3)])).rows).toMatchObject([{ result: "accepted" }]);
		expect(await account.level("CUP")).toBe(20);
		const item = await account.call(
			"GET",
			`/listings/2021-08-01/items/${account.keys.sellerId}/CUP?marketplaceIds=ATVPDKIKX0DER&includedData=attributes`,
		);
		expect(item.body.attributes.fulfillment_availability[0]).toMatchObject({
			quantity: 3,
			lead_time_to_ship_max_days: 2,
		});
		sandbox.putForward(15 * 60_000);
		expect(await account.level("CUP")).toBe(3);
	});

	test("may be taken in and never land", async () => {
		const account = await openAccount({ settings: { neverAppliedRate: 1 } });
		expect((await account.write([account.row("CUP", 3)])).rows).toMatchObject([{ result: "accepted" }]);
		sandbox.putForward(3_600_000);
		expect(await account.level("CUP")).toBe(20);
	});

	test("never touches what Amazon fulfils, half converted or whole, though it was the merchant's when it was listed", async () => {
		const account = await openAccount();
		await changeItem(sandbox.ctx, account.store, "CUP", {
			hasDefault: false,
			others: [{ code: "AMAZON_NA", quantity: 40 }],
		});
		await changeItem(sandbox.ctx, account.store, "TEE-S", { others: [{ code: "AMAZON_NA", quantity: 4 }] });
		const { rows } = await account.write([account.row("CUP", 5), account.row("TEE-S", 5), account.row("TEE-M", 5)]);
		expect(rows).toMatchObject([
			{
				result: "refused",
				error: { code: "NOT_OURS_TO_WRITE", message: expect.stringContaining("fulfilled by Amazon") },
			},
			{ result: "refused", error: { code: "NOT_OURS_TO_WRITE", message: expect.stringContaining("not finished") } },
			{ result: "accepted" },
		]);
		const patched = account.connection.http.exchanges.filter(({ method }) => method === "PATCH").map(({ url }) => url);
		expect(patched).toEqual([expect.stringContaining("/TEE-M?")]);
	});

	test("never touches what has no stock of the merchant's own, whether it lies with Amazon or nowhere yet", async () => {
		const account = await openAccount();
		await changeItem(sandbox.ctx, account.store, "CUP", { hasDefault: false, isInWarehouses: true });
		await changeItem(sandbox.ctx, account.store, "TEE-S", { hasDefault: false });
		const listings = await account.list();
		const reasonOf = (sku: string) => listings.find((one) => one.sku === sku)?.leftOutReason;
		expect([reasonOf("CUP"), reasonOf("TEE-S")]).toEqual([
			expect.stringContaining("fulfilled by Amazon"),
			expect.stringContaining("first quantity"),
		]);
		expect([await account.level("CUP"), await account.level("TEE-S")]).toEqual([null, null]);
		const { rows, exchanges } = await account.write([account.row("CUP", 5), account.row("TEE-S", 5)]);
		expect(rows).toMatchObject([
			{ result: "refused", error: { code: "NOT_OURS_TO_WRITE", message: reasonOf("CUP") } },
			{ result: "refused", error: { code: "NOT_OURS_TO_WRITE", message: reasonOf("TEE-S") } },
		]);
		expect(exchanges.map(({ method }) => method)).toEqual(["GET"]);
	});

	test("one bad row is refused in Amazon's words, the others go", async () => {
		const account = await openAccount();
		const issue = {
			code: "90220",
			message: "'size' is required but not supplied.",
			severity: "ERROR" as const,
			categories: ["MISSING_ATTRIBUTE"],
		};
		await changeItem(sandbox.ctx, account.store, "TEE-S", { refusesWith: issue });
		const { rows, trouble } = await account.write([
			account.row("CUP", 1),
			account.row("TEE-S", 1),
			account.row("GONE", 1),
			account.row("TEE-M", 1.5),
			account.row("LOOSE", -1),
		]);
		expect(rows).toMatchObject([
			{ result: "accepted" },
			{ result: "refused", error: { code: "90220", message: expect.stringContaining("'size' is required") } },
			{ result: "refused", error: { reason: "gone" } },
			{ result: "refused", error: { message: expect.stringContaining("1.5") } },
			{ result: "refused" },
		]);
		expect(trouble).toBeNull();
	});

	test("keeps handling time and restock date, and other sellers' rows of several locations alone", async () => {
		const account = await openAccount();
		await account.write([account.row("CUP", 4)]);
		const path = `/listings/2021-08-01/items/${account.keys.sellerId}/CUP?marketplaceIds=ATVPDKIKX0DER&includedData=attributes`;
		expect((await account.call("GET", path)).body.attributes.fulfillment_availability).toEqual([
			{
				fulfillment_channel_code: "DEFAULT",
				quantity: 4,
				lead_time_to_ship_max_days: 2,
				marketplace_id: "ATVPDKIKX0DER",
			},
		]);
		await changeItem(sandbox.ctx, account.store, "TEE-S", { others: [{ code: "d7679e14-031b", quantity: 4 }] });
		expect((await account.write([account.row("TEE-S", 5)])).rows).toMatchObject([{ result: "refused" }]);
	});

	const refusedSize = {
		code: "90220",
		message: "'size' is required but not supplied.",
		severity: "ERROR" as const,
		categories: [],
	};
	const toFeed = (account: Account, quantity: number) =>
		Array.from({ length: 110 }, (_, n) => account.row(sku(n), quantity));

	test("many go by one feed, and what it could not set is told when that row goes again", async () => {
		const account = await openAccount({ products: many(130) });
		await changeItem(sandbox.ctx, account.store, sku(7), { refusesWith: refusedSize });
		const rows = Array.from({ length: 130 }, (_, n) => account.row(sku(n), 500 + n));
		const written = await account.write(rows);
		expect(written.trouble).toBeNull();
		expect(new Set(written.rows.map(({ result }) => result))).toEqual(new Set(["accepted"]));
		expect(written.exchanges.some(({ method }) => method === "PATCH")).toBe(false);
		expect(await account.shows(sku(0), sku(7), sku(129))).toEqual([500, 7, 629]);
		const again = await account.write([account.row(sku(7), 507), account.row(sku(8), 99)]);
		expect(again.rows).toMatchObject([
			{ result: "refused", error: { message: expect.stringContaining("'size' is required") } },
			{ result: "accepted" },
		]);
		// Somebody has corrected the item, and lets it go again.
		await changeItem(sandbox.ctx, account.store, sku(7), { refusesWith: null });
		expect((await account.write([account.row(sku(7), 507)])).rows).toMatchObject([{ result: "accepted" }]);
		expect(await account.shows(sku(7))).toEqual([507]);
	}, 60_000);

	test.each<[string, AmazonSettings["feedIssuesLack"]]>([
		["no SKU", ["sku"]],
		["no message", ["messageId"]],
		["no code", ["code"]],
	])(
		"what a feed could not set is told where the result names %s",
		async (_, feedIssuesLack) => {
			const account = await openAccount({ products: many(110), settings: { feedIssuesLack } });
			await changeItem(sandbox.ctx, account.store, sku(7), { refusesWith: refusedSize });
			await account.write(toFeed(account, 500));
			expect(await account.shows(sku(7), sku(8))).toEqual([7, 500]);
			// From here on only the feed's result tells.
			await changeItem(sandbox.ctx, account.store, sku(7), { refusesWith: null });
			const again = await account.write([account.row(sku(7), 507), account.row(sku(8), 99)]);
			expect(again).toMatchObject({
				rows: [
					{ result: "refused", error: { message: expect.stringContaining("'size' is required") } },
					{ result: "accepted" },
				],
				trouble: null,
			});
		},
		60_000,
	);

	test("a feed that is refused as a whole is told of every row of it", async () => {
		const account = await openAccount({ products: many(110), settings: { feedFate: "refused" } });
		await account.write(toFeed(account, 500));
		expect(await account.shows(sku(7), sku(8))).toEqual([7, 8]);
		for (const n of [7, 8])
			expect((await account.write([account.row(sku(n), 500)])).rows).toMatchObject([
				{ result: "refused", error: { message: expect.stringContaining("The feed was rejected") } },
			]);
		expect((await account.write([account.row(sku(7), 500)])).rows).toMatchObject([{ result: "accepted" }]);
	}, 60_000);

	test.each(["{}}", JSON.stringify({ issues: [{ severity: "ERROR" }] })])(
		"a feed whose result can't be read (%s) holds up no later write, and stands in the log",
		async (text) => {
			const account = await openAccount({ products: many(110) });
			await account.write(toFeed(account, 500));
			await account.shows(sku(7));
			const { send } = account.connection.http;
			let asked = 0;
			account.connection.http.send = async (request) => {
				if (!request.decode) return send(request);
				asked++;
				return send({ ...request, decode: () => text });
			};
			const written = await account.write([account.row(sku(7), 70)]);
			expect(written).toMatchObject({ rows: [{ result: "accepted" }], trouble: null });
			expect(written.exchanges.map(({ response }) => response)).toContain(text);
			expect((await account.write([account.row(sku(8), 80)])).rows).toMatchObject([{ result: "accepted" }]);
			expect(asked).toBe(1);
			expect(await account.shows(sku(7), sku(8))).toEqual([70, 80]);
		},
		60_000,
	);

	test("nothing is written beside a feed that may still land; one that only waits in line is called off", async () => {
		const account = await openAccount({ products: many(110), settings: { feedMs: 9 * 60_000 } });
		const rows = Array.from({ length: 110 }, (_, n) => account.row(sku(n), 500));
		await account.write(rows);
		sandbox.putForward(4 * 60_000);
		const blocked = await account.write([account.row(sku(1), 3)]);
		expect(blocked.rows).toMatchObject([{ result: "not_sent" }]);
		expect(blocked.trouble).toMatchObject({ reason: "throttled", code: "FEED_IN_PROGRESS" });
		sandbox.putForward(6 * 60_000);
		expect((await account.write([account.row(sku(1), 3)])).rows).toMatchObject([{ result: "accepted" }]);
		expect(await account.shows(sku(1), sku(2))).toEqual([3, 500]);
		await account.write(rows);
		expect((await account.write([account.row(sku(1), 4)])).rows).toMatchObject([{ result: "accepted" }]);
		sandbox.putForward(10 * 60_000);
		expect(await account.shows(sku(1), sku(2))).toEqual([4, 500]);
	}, 60_000);

	test("when no more feeds are taken, as many as a push can are patched and the rest is not sent", async () => {
		// Ten times the usual rate, as a large seller's; the store tells it.
		const limits = { patchListingsItem: { rate: 50, burst: 50 } };
		const account = await openAccount({ products: many(103), settings: { limits } });
		const rows = (to: number) => Array.from({ length: 103 }, (_, n) => account.row(sku(n), to));
		for (let n = 0; n < 5; n++) await account.write(rows(200 + n));
		const written = await account.write(rows(300));
		const count = (result: string) => written.rows.filter((row) => row.result === result).length;
		expect([count("accepted"), count("not_sent"), written.trouble]).toEqual([100, 3, null]);
	}, 120_000);

	test("throttled, what was not sent goes again as it is", async () => {
		const account = await openAccount();
		const as = account.connectWith({ ...account.keys, accessToken: await account.token() });
		await setKnobs(sandbox.ctx, account.store.id, { throttleRate: 1 });
		const { rows, trouble } = await account.write([account.row("CUP", 1), account.row("TEE-S", 1)], as);
		expect(rows.map(({ result }) => result)).toEqual(["not_sent", "not_sent"]);
		expect(trouble).toMatchObject({ reason: "throttled", retryAfterMs: expect.any(Number) });
	});

	test("an answer that is lost leaves its row unknown, those behind it not sent, and nothing is tried again", async () => {
		const account = await openAccount();
		await account.level("CUP");
		let patches = 0;
		const http: HttpClient = {
			exchanges: account.connection.http.exchanges,
			async send(request) {
				if (request.method !== "PATCH") return account.connection.http.send(request);
				patches++;
				await account.connection.http.send(request);
				throw new ChannelError("timeout", "no answer came");
			},
		};
		const { rows, trouble } = await account.write([account.row("CUP", 1), account.row("TEE-S", 1)], {
			...account.connection,
			http,
		});
		expect(rows.map(({ result }) => result)).toEqual(["unknown", "not_sent"]);
		expect([trouble?.reason, patches]).toEqual(["timeout", 1]);
		expect(await account.shows("CUP")).toEqual([1]);
	});

	test("500 and a page in place of an answer leave it unknown, 429 and a refused token do not", async () => {
		const answered = async (answer: Partial<HttpReply>) => {
			const account = await openAccount();
			const http: HttpClient = {
				exchanges: account.connection.http.exchanges,
				send: (request) =>
					request.method === "PATCH"
						? Promise.resolve({ status: 200, headers: {}, text: "", ms: 0, ...answer })
						: account.connection.http.send(request),
			};
			return (await account.write([account.row("CUP", 1)], { ...account.connection, http })).rows[0]?.result;
		};
		expect(await answered({ status: 500, text: '{"errors":[{"code":"InternalFailure","message":"x"}]}' })).toBe(
			"unknown",
		);
		expect(await answered({ status: 200, text: "<html>" })).toBe("unknown");
		expect(await answered({ status: 200, text: '{"sku":"CUP","status":"NEW_WORD","submissionId":"1"}' })).toBe(
			"unknown",
		);
		expect(await answered({ status: 429, text: "" })).toBe("not_sent");
		expect(await answered({ status: 403, text: "" })).toBe("not_sent");
	}, 60_000);

	test("a token that ends in mid-batch is replaced, and no row is lost", async () => {
		const account = await openAccount({ settings: { tokenLifeMs: 3_600_000 } });
		await account.level("CUP");
		let patches = 0;
		const http: HttpClient = {
			exchanges: account.connection.http.exchanges,
			async send(request) {
				if (request.method === "PATCH" && ++patches === 2) sandbox.putForward(3_600_001);
				return account.connection.http.send(request);
			},
		};
		const frozen = sandbox.now();
		const { rows, trouble } = await account.write(
			[account.row("CUP", 1), account.row("TEE-S", 1), account.row("TEE-M", 1)],
			{ ...account.connection, http, now: () => frozen },
		);
		expect([trouble, rows.map(({ result }) => result)]).toEqual([null, ["accepted", "accepted", "accepted"]]);
		expect(await account.shows("CUP", "TEE-S", "TEE-M")).toEqual([1, 1, 1]);
	});

	test("revoked access is found by the login, and is not taken for an outage", async () => {
		const account = await openAccount();
		await account.set({ isRevoked: true });
		const { rows, trouble } = await account.write([account.row("CUP", 1)]);
		expect(rows).toMatchObject([{ result: "not_sent" }]);
		expect(trouble).toMatchObject({ reason: "access_revoked" });
	});
});

describe("orders", () => {
	const taken = async (account: Account, orderRef: string) => {
		const order = await amazon.readOrder(account.connection, orderRef);
		return [order?.status, order?.lines.map((line) => line.taken)];
	};

	test("hold what Amazon has taken, through every step of their life", async () => {
		const account = await openAccount({ settings: { pendingMs: 30 * 60_000 } });
		const { ctx } = sandbox;
		const orderRef = await account.buy("CUP", 4);
		expect([await taken(account, orderRef), await account.level("CUP")]).toEqual([["open", [4]], 16]);
		sandbox.putForward(31 * 60_000);
		expect([await taken(account, orderRef), await account.level("CUP")]).toEqual([["open", [4]], 16]);
		await requestCancel(ctx, account.store, orderRef);
		expect([await taken(account, orderRef), await account.level("CUP")]).toEqual([["open", [4]], 16]);
		await editOrder(ctx, account.store.id, orderRef, "CUP", 3);
		expect([await taken(account, orderRef), await account.level("CUP")]).toEqual([["open", [3]], 17]);
		await shipOrder(ctx, account.store, orderRef, 1);
		expect([await taken(account, orderRef), await account.level("CUP")]).toEqual([["open", [3]], 17]);
		await shipOrder(ctx, account.store, orderRef);
		expect([await taken(account, orderRef), await account.level("CUP")]).toEqual([["closed", [3]], 17]);
		await refundOrder(ctx, account.store.id, orderRef, [{ sku: "CUP", quantity: 3 }], true);
		expect([await taken(account, orderRef), await account.level("CUP")]).toEqual([["closed", [3]], 17]);
	});

	test("cancelled give back, but for want of stock they don't", async () => {
		const account = await openAccount();
		const [first, second] = [await account.buy("CUP", 4), await account.buy("CUP", 5)];
		await cancelOrder(sandbox.ctx, account.store.id, first, true);
		await cancelOrder(sandbox.ctx, account.store.id, second, false);
		expect([await taken(account, first), await taken(account, second)]).toEqual([
			["cancelled", [0]],
			["cancelled", [5]],
		]);
		expect(await account.level("CUP")).toBe(15);
	});

	test("are in the list two minutes late and in every status, by pages, and the same when they are asked for again", async () => {
		const account = await openAccount({
			settings: { ordersLagMs: 120_000, pendingMs: 1 },
			products: [product("CUP", 500)],
		});
		const since = sandbox.now();
		const refs: string[] = [];
		for (let n = 0; n < 105; n++) refs.push(await account.buy("CUP"));
		await cancelOrder(sandbox.ctx, account.store.id, refs[0] ?? "", true);
		const list = () => readAll((page) => amazon.listOrders(account.connection, since, page));
		expect(await list()).toEqual([]);
		sandbox.putForward(121_000);
		const orders = await list();
		expect(orders.map(({ orderRef }) => orderRef).sort()).toEqual([...refs].sort());
		expect(new Set(orders.map(({ status }) => status))).toEqual(new Set(["open", "cancelled"]));
		expect(await list()).toEqual(orders);
		expect(amazon.facts.orderListLagMs).toBeGreaterThanOrEqual(120_000);
	}, 60_000);

	test("of every marketplace are listed, those of Amazon's warehouses are not, and hold nothing when they are read", async () => {
		const account = await openAccount();
		await changeItem(sandbox.ctx, account.store, "TEE-S", {
			hasDefault: false,
			others: [{ code: "AMAZON_NA", quantity: 4 }],
		});
		const since = sandbox.now();
		const placed = await placeOrder(sandbox.ctx, account.store, [{ sku: "TEE-S", quantity: 1 }], {
			fulfilledBy: "AMAZON",
		});
		if (placed.result !== "placed") throw new Error(placed.message);
		expect(await readAll((page) => amazon.listOrders(account.connection, since, page))).toEqual([]);
		expect(await taken(account, placed.orderId)).toEqual(["open", [0]]);
		const searched = account.connection.http.exchanges.find(({ url }) => url.includes("lastUpdatedAfter"));
		expect(searched?.url).toMatch(/marketplaceIds=[^&]+,A2EUQ1WTGCTBG2&/);
	});

	test("that nobody knows are null", async () => {
		const account = await openAccount();
		expect(await amazon.readOrder(account.connection, "902-0000000-0000000")).toBeNull();
	});

	test("may be searched twenty times, and then once in three minutes: when is told without asking Amazon", async () => {
		const account = await openAccount();
		const since = sandbox.now();
		const search = () => amazon.listOrders(account.connection, since, null);
		for (let n = 0; n < 20; n++) await search();
		const asked = account.connection.http.exchanges.length;
		await expect(search()).rejects.toMatchObject({ reason: "throttled", retryAfterMs: expect.any(Number) });
		expect(account.connection.http.exchanges).toHaveLength(asked);
		sandbox.putForward(200_000);
		await search();
	});
});

describe("news", () => {
	const subscribe = async (account: Account) =>
		amazon.registerWebhooks(account.connection, "https://stock.example.com/api/webhooks/amazon/1", "secret");
	const fetchAll = async (account: Account) => {
		const items: CollectedMail["items"] = [];
		for (;;) {
			const mail = await amazon.collectMail?.(account.connection, { waitMs: 0 });
			if (!mail || mail.items.length === 0) return items;
			items.push(...mail.items);
			await mail.done();
		}
	};
	const signalsOf = (items: CollectedMail["items"]) =>
		items.flatMap(({ topic, rawBody }) => amazon.parseWebhook(topic, rawBody));

	test("is asked for once, found standing the next time, and left off again", async () => {
		const account = await openAccount();
		expect(await subscribe(account)).toMatchObject({ state: "registered", missing: [] });
		const before = account.connection.http.exchanges.filter(({ method }) => method === "POST").length;
		expect(await subscribe(account)).toMatchObject({ state: "registered", missing: [] });
		expect(account.connection.http.exchanges.filter(({ method }) => method === "POST").length).toBe(before);
		await account.buy("CUP");
		expect((await fetchAll(account)).length).toBe(2);
		await amazon.removeWebhooks(account.connection, "");
		await account.buy("CUP");
		expect(await fetchAll(account)).toEqual([]);
	}, 60_000);

	test("comes both ways, each with its seller, and once the queue was emptied never again", async () => {
		const account = await openAccount();
		await subscribe(account);
		const orderRef = await account.buy("CUP", 3);
		const items = await fetchAll(account);
		expect(new Set(items.map(({ storeKey }) => storeKey))).toEqual(new Set([account.keys.sellerId]));
		expect(signalsOf(items)).toEqual(
			expect.arrayContaining([
				{ kind: "order_changed", orderRef },
				{ kind: "level_reported", externalKey: "CUP", hint: 17 },
			]),
		);
		sandbox.putForward(3_600_000);
		expect(await fetchAll(account)).toEqual([]);
	}, 60_000);

	test.each<AmazonSettings["statusNewsType"]>(["LISTINGS_ITEM_STATUS_CHANGE", "LISTINGS_ITEM_STATUS_CHANGED"])(
		"of our own write comes back, and what is deleted is told (by %s)",
		async (statusNewsType) => {
			const account = await openAccount({ settings: { statusNewsType } });
			await subscribe(account);
			await account.write([account.row("CUP", 8)]);
			await changeItem(sandbox.ctx, account.store, "TEE-S", { isDeleted: true });
			expect(signalsOf(await fetchAll(account))).toEqual(
				expect.arrayContaining([
					{ kind: "level_reported", externalKey: "CUP", hint: 8 },
					{ kind: "listing_gone", productRef: "TEE-S" },
				]),
			);
		},
		60_000,
	);

	test("that was not taken out comes again under the same key, and twice told it has one key", async () => {
		const account = await openAccount({ settings: { newsTwiceRate: 1 } });
		await subscribe(account);
		await account.buy("CUP");
		const keys = new Set<string>();
		for (let n = 0; n < 3; n++) {
			const mail = await amazon.collectMail?.(account.connection, { waitMs: 0 });
			for (const { dedupeKey } of mail?.items ?? []) keys.add(dedupeKey);
			sandbox.putForward(61_000);
		}
		// Two facts, each told twice: under one id or two.
		expect(keys.size).toBeGreaterThanOrEqual(2);
		expect(keys.size).toBeLessThanOrEqual(4);
		expect(new Set((await fetchAll(account)).map(({ dedupeKey }) => dedupeKey))).toEqual(keys);
	}, 60_000);

	test("that was damaged on the way stays in the queue, and what came whole is read", async () => {
		const account = await openAccount({ settings: { queueDamageRate: 1 } });
		await subscribe(account);
		await account.buy("CUP");
		const damaged = await amazon.collectMail?.(account.connection, { waitMs: 0 });
		expect(damaged?.items).toEqual([]);
		await damaged?.done();
		await account.set({ queueDamageRate: 0 });
		sandbox.putForward(61_000);
		expect(await fetchAll(account)).toHaveLength(2);
	}, 60_000);

	test("that could not be taken out is told, since it comes again", async () => {
		const account = await openAccount({ settings: { queueKeepRate: 1 } });
		await subscribe(account);
		await account.buy("CUP");
		const mail = await amazon.collectMail?.(account.connection, { waitMs: 0 });
		await expect(mail?.done()).rejects.toMatchObject({
			reason: "unreachable",
			message: expect.stringContaining("2 messages stayed"),
		});
	}, 60_000);

	test("is waited for, and the wait can be called off", async () => {
		const account = await openAccount();
		await subscribe(account);
		const waiting = amazon.collectMail?.(account.connection, { waitMs: 20_000 });
		await account.buy("CUP");
		expect((await waiting)?.items.length).toBeGreaterThan(0);
		await fetchAll(account);
		sandbox.putForward(61_000);
		await fetchAll(account);
		const calledOff = new AbortController();
		const endless = amazon.collectMail?.(account.connection, { waitMs: 20_000, signal: calledOff.signal });
		calledOff.abort();
		await expect(endless).rejects.toMatchObject({ reason: "timeout" });
	}, 60_000);

	test("tells which of it nobody was told of until now: all at first, then what was dropped, else none", async () => {
		const account = await openAccount();
		const types = ["LISTINGS_ITEM_MFN_QUANTITY_CHANGE", "LISTINGS_ITEM_STATUS_CHANGE", "ORDER_CHANGE"];
		expect((await subscribe(account)).made?.sort()).toEqual(types);
		expect((await subscribe(account)).made).toEqual([]);
		const dropped = (await standingWebhooks(sandbox.ctx, account.store.id)).find(
			({ topic }) => topic === "ORDER_CHANGE",
		);
		const path = `/notifications/v1/subscriptions/ORDER_CHANGE/${dropped?.id}`;
		expect((await account.call("DELETE", path, undefined, "app")).status).toBe(200);
		expect(await subscribe(account)).toEqual({ state: "registered", missing: [], made: ["ORDER_CHANGE"] });
	});

	test("needs a queue: without one nothing is registered and nothing fetched", async () => {
		const account = await openAccount();
		const { queueUrl: _, ...access } = account.keys;
		const without = account.connectWith(access);
		expect(await amazon.registerWebhooks(without, "", "secret")).toEqual({ state: "unreachable", missing: [] });
		expect(await amazon.collectMail?.(without, { waitMs: 0 })).toBeNull();
		expect(amazon.verifyWebhook({ headers: {}, rawBody: Buffer.from("{}") }, ["secret"])).toMatchObject({
			verdict: "rejected",
		});
	});
});
