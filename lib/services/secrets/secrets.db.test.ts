/** The client secret of a merchant's private app, from its last month to the one that follows, against a sandbox account over HTTP. */
import { sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import type { AmazonSettings } from "@/lib/sandbox/amazon/settings";
import { promptSettings } from "@/lib/sandbox/amazon/testing";
import { forgetStore } from "@/lib/sandbox/context";
import { countWireRequests, createSandboxStore, sandboxKeys, setStoreSettings } from "@/lib/sandbox/stores";
import { connectStore } from "../channels/connect-store";
import { connectWithKeys } from "../channels/connect-with-keys";
import { openAccess, openConnection } from "../channels/open-connection";
import { readChannel } from "../channels/read-channels";
import { workChannel } from "../channels/work-channel";
import type { WorkTarget } from "../channels/work-target";
import { type Context, systemContext } from "../context";
import { collectMail } from "../mail/collect-mail";
import { readOverview } from "../overview/read-overview";
import { makeMerchant } from "../testing/fixtures";
import { sandboxHereForTests } from "../testing/sandbox-here";
import { findEndingSecrets, renewSecret } from "./renew-secret";

process.env.ONECOUNT_ALLOW_PRIVATE_ADDRESSES = "on";

const dayMs = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString();

const sandbox = sandboxHereForTests();
const { database } = sandbox;

type Account = { ctx: Context; storeId: string; target: WorkTarget; secret: string; access: Record<string, string> };
type Options = { ctx?: Context; settings?: Partial<AmazonSettings>; withoutQueue?: boolean; sharesAppOf?: Account };

async function connected({ ctx, settings, withoutQueue, sharesAppOf }: Options = {}): Promise<Account> {
	const as = ctx ?? systemContext((await makeMerchant(database)).merchantId, database.db("app"));
	const { id: storeId } = await createSandboxStore(sandbox.ctx, {
		platform: "amazon",
		name: "an account",
		products: [],
		settings: { ...promptSettings, ...settings },
	});
	if (sharesAppOf) {
		const { clientId, clientSecret } = sharesAppOf.access;
		await sandbox.ctx.db.execute(
			sql`update sandbox.stores set secrets = secrets || ${JSON.stringify({ clientId, clientSecret })}::jsonb where id = ${storeId}`,
		);
		forgetStore(sandbox.ctx.db, storeId);
	}
	const { baseUrl, access } = await sandboxKeys(sandbox.ctx, storeId);
	const { queueUrl: _url, queueKeyId: _id, queueSecret: _secret, ...plain } = access;
	const result = await connectStore(as, {
		platform: "amazon",
		baseUrl,
		access: withoutQueue ? plain : access,
		accessExpiresAt: new Date(0),
		isSandbox: true,
	});
	if (result.result !== "connected") throw new Error(JSON.stringify(result.checks));
	await database.ownerClient`update channels set state = 'live', pushing_since = now() where id = ${result.channelId}`;
	const target: WorkTarget = { channelId: result.channelId, merchantId: as.merchantId, platform: "amazon" };
	return { ctx: as, storeId, target, secret: access.clientSecret ?? "", access };
}

const collect = ({ target }: Account) => collectMail(target, { maxMs: 1_000, client: database.client("app") });
const renew = ({ target }: Account, ahead = 0) =>
	renewSecret(target.channelId, { client: database.client("app"), now: () => new Date(Date.now() + ahead) });
const viewOf = async ({ ctx, target }: Account) => (await readChannel(ctx, target.channelId)).secret;
const daysLeft = (at?: string) => Math.round((Date.parse(at ?? "") - Date.now()) / dayMs);
const needsOf = async ({ ctx }: Account) =>
	(await readOverview(ctx)).needs.filter(({ key }) => key.startsWith("secret:"));

async function keptAccess({ target }: Account): Promise<Record<string, string>> {
	const [row] = await database.ownerClient<{ sealed: string }[]>`
		select sealed from credentials where channel_id = ${target.channelId} and purpose = 'access'`;
	return openAccess(target.channelId, row?.sealed ?? "");
}

const newestSecret = async ({ storeId }: Account) =>
	(await sandboxKeys(sandbox.ctx, storeId)).access.clientSecret ?? "";

const asked = async ({ storeId }: Account) => (await countWireRequests(sandbox.ctx, storeId)).secret ?? 0;

async function waiting({ storeId }: Account): Promise<number> {
	const [row] = await sandbox.ctx.db.execute<{ count: number }>(
		sql`select count(*)::int as count from sandbox.deliveries where store_id = ${storeId} and state = 'queued'`,
	);
	return row?.count ?? -1;
}

/** What was received and not taken out shows again after its time. */
const showAgain = ({ storeId }: Account) =>
	sandbox.ctx.db.execute(
		sql`update sandbox.deliveries set due_at = now() where store_id = ${storeId} and state in ('queued', 'sent')`,
	);

const endIn = ({ storeId }: Account, days: number) =>
	setStoreSettings(sandbox.ctx, storeId, { secretExpiresAt: inDays(days) });

/** Everything that is written anywhere but under seal. */
async function everythingPlain(): Promise<string> {
	const tables = await database.ownerClient<{ name: string }[]>`
		select quote_ident(relname) as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`;
	const parts = await Promise.all(
		tables.map(({ name }) =>
			database.ownerClient.unsafe(`select coalesce(string_agg(t::text, ' '), '') as all from ${name} t`),
		),
	);
	const inbox = await database.ownerClient`select string_agg(convert_from(body, 'UTF8'), ' ') as all from inbox`;
	return [...parts.flat(), ...inbox].map((row) => row.all ?? "").join(" ");
}

describe("a client secret", () => {
	it("that nobody said the end of ends 180 days after it was first seen at the latest; connecting again with it changes nothing", async () => {
		const account = await connected();
		expect(await viewOf(account)).toMatchObject({ isTold: false, isAsked: false, trouble: null });
		expect(daysLeft((await viewOf(account))?.endsAt)).toBe(180);
		await endIn(account, 60);
		await collect(account);
		expect(await viewOf(account)).toMatchObject({ isTold: true });
		const { baseUrl, access } = await sandboxKeys(sandbox.ctx, account.storeId);
		await connectStore(account.ctx, { platform: "amazon", baseUrl, access, isSandbox: true });
		expect(daysLeft((await viewOf(account))?.endsAt)).toBe(60);
		expect(await needsOf(account)).toEqual([]);
		expect(await renew(account)).toBe("not_due");
	}, 60_000);

	it("that ends is renewed by itself, kept under seal before the message is gone, and nowhere else", async () => {
		const account = await connected();
		await endIn(account, 12);
		await collect(account);
		const [need] = await needsOf(account);
		expect(need).toMatchObject({
			title: expect.stringMatching(/client secret ends in 1[12] days$/),
			href: `/channels/connect/amazon?again=${account.target.channelId}&way=secret`,
		});
		// The process that was told is gone: the end stands in the rows.
		vi.resetModules();
		const afresh = await import("./renew-secret");
		expect(await findEndingSecrets()).toContain(account.target.channelId);
		expect(await afresh.renewSecret(account.target.channelId, { client: database.client("app") })).toBe("asked");
		expect(await viewOf(account)).toMatchObject({ isAsked: true, trouble: null });
		expect(daysLeft((await viewOf(account))?.endsAt)).toBe(7);
		expect(await renew(account, 3 * dayMs)).toBe("waiting");

		await collect(account);
		const secret = await newestSecret(account);
		expect(secret).not.toBe(account.secret);
		expect(await keptAccess(account)).toMatchObject({ clientSecret: secret, previousSecret: account.secret });
		expect(await waiting(account)).toBe(0);
		expect(await viewOf(account)).toMatchObject({ isTold: true, isAsked: false });
		expect(daysLeft((await viewOf(account))?.endsAt)).toBe(180);
		expect(await needsOf(account)).toEqual([]);
		expect(await everythingPlain()).not.toMatch(/oa2-cs/);
		const open = await openConnection(database.client("app"), account.target);
		expect(
			(await open.adapter.connect(open.connection())).checks.find(({ name }) => name === "credentials")?.state,
		).toBe("passed");
		const log = await database.ownerClient`
			select state from sync_log where channel_id = ${account.target.channelId} and kind = 'channel.secret'`;
		expect(log).toMatchObject([{ state: "ok" }]);
	}, 60_000);

	it("comes twice, and again late after another, and the newest stays", async () => {
		const account = await connected({ settings: { secretExpiresAt: inDays(12) } });
		await collect(account);
		await renew(account);
		await collect(account);
		const second = await newestSecret(account);
		// Amazon sends it again.
		await sandbox.ctx.db.execute(
			sql`update sandbox.deliveries set state = 'queued', due_at = now() where store_id = ${account.storeId} and topic = 'APPLICATION_OAUTH_CLIENT_NEW_SECRET'`,
		);
		await collect(account);
		expect(await waiting(account)).toBe(0);
		expect(await keptAccess(account)).toMatchObject({ clientSecret: second, previousSecret: account.secret });
		await setStoreSettings(sandbox.ctx, account.storeId, {
			limits: { rotateApplicationClientSecret: { rate: 1_000, burst: 10 } },
		});
		const open = await openConnection(database.client("app"), account.target);
		// In its next turn.
		await open.adapter.appSecret?.renew({ ...open.connection(), now: () => new Date(Date.now() + 120_000) });
		await showAgain(account);
		await collect(account);
		const third = await newestSecret(account);
		expect(third).not.toBe(second);
		await sandbox.ctx.db.execute(sql`
			update sandbox.deliveries set state = 'queued', due_at = now() where id = (
				select min(id) from sandbox.deliveries where store_id = ${account.storeId} and topic = 'APPLICATION_OAUTH_CLIENT_NEW_SECRET')`);
		await collect(account);
		expect(await keptAccess(account)).toMatchObject({ clientSecret: third, previousSecret: second });
	}, 60_000);

	it("is kept for every channel of the merchant that logs in as the app, asked for once, and for nobody else's", async () => {
		const first = await connected({ settings: { secretExpiresAt: inDays(12) } });
		const sister = await connected({ ctx: first.ctx, sharesAppOf: first, withoutQueue: true });
		const unlike = await connected({ ctx: first.ctx });
		const stranger = await connected({ sharesAppOf: first });
		await collect(first);
		expect(daysLeft((await viewOf(sister))?.endsAt)).toBe(12);
		expect(daysLeft((await viewOf(stranger))?.endsAt)).toBe(180);
		// By way of the one that has no queue, too; of two at once one asks.
		expect((await Promise.all([renew(sister), renew(first)])).sort()).toEqual(["asked", "waiting"]);
		expect(await asked(first)).toBe(1);
		expect(await asked(sister)).toBe(0);
		await collect(first);
		const secret = await newestSecret(first);
		for (const account of [first, sister]) expect(await keptAccess(account)).toMatchObject({ clientSecret: secret });
		for (const account of [unlike, stranger])
			expect(await keptAccess(account)).toMatchObject({ clientSecret: account.secret });
		// The other account's login knows only the one before.
		await expect(openConnection(database.client("app"), sister.target)).resolves.toBeDefined();
	}, 60_000);

	it("that Amazon does not know counts for nothing and stays in the queue, as does that of an app which nobody has here", async () => {
		const account = await connected();
		const put = async (clientId: string, newClientSecret: string) => {
			const body = JSON.stringify({
				notificationType: "APPLICATION_OAUTH_CLIENT_NEW_SECRET",
				eventTime: new Date().toISOString(),
				payload: { applicationOAuthClientNewSecret: { clientId, newClientSecret } },
			});
			await sandbox.ctx.db.execute(sql`
				insert into sandbox.deliveries (store_id, webhook_id, topic, resource_id, body, headers, due_at, state)
				values (${account.storeId}, 'queue', 'test', gen_random_uuid()::text, ${Buffer.from(body)}, '{"sentAt": "2026-11-30T00:00:00Z"}', now() - interval '1 second', 'queued')`);
		};
		await put(account.access.clientId ?? "", "amzn1.oa2-cs.v1.forged");
		await put("amzn1.application-oa2-client.other", "amzn1.oa2-cs.v1.other");
		expect(await collect(account)).toMatchObject({ state: "read", kept: 0 });
		expect(await waiting(account)).toBe(2);
		expect(await keptAccess(account)).toMatchObject({ clientSecret: account.secret });
		expect(await everythingPlain()).not.toMatch(/oa2-cs/);
	}, 60_000);

	it.each([
		["too often", { limits: { rotateApplicationClientSecret: { rate: 0.0167, burst: 0 } } }, /no more calls/],
		["with no queue named for it", { isEnrolledForSecrets: false }, /no queue to send/],
	] as [string, Partial<AmazonSettings>, RegExp][])(
		"asked for %s is refused, said so, and asked for again the next day",
		async (_, settings, sentence) => {
			const account = await connected({ settings });
			await database.ownerClient`
			update credentials set secret_ends_at = now() + interval '10 days' where channel_id = ${account.target.channelId}`;
			expect(await renew(account)).toBe("refused");
			const trouble = (await viewOf(account))?.trouble;
			expect(trouble?.sentence).toMatch(sentence);
			expect((await needsOf(account))[0]?.detail).toMatch(sentence);
			expect(await renew(account, dayMs / 2)).toBe("waiting");
			expect(await renew(account, dayMs)).toBe("refused");
			// Nothing was made, so nothing ends earlier.
			expect(daysLeft((await viewOf(account))?.endsAt)).toBe(10);
		},
		60_000,
	);

	it("of a channel without a queue is not asked for: the merchant is told where to make one", async () => {
		const account = await connected({ withoutQueue: true });
		await database.ownerClient`
			update credentials set secret_ends_at = now() + interval '10 days' where channel_id = ${account.target.channelId}`;
		expect(await renew(account)).toBe("refused");
		expect(await asked(account)).toBe(0);
		expect((await viewOf(account))?.trouble?.fix).toMatch(/Rotate secret.*Paste new secret/);
	}, 60_000);
});

describe("a client secret that is pasted", () => {
	const paste = ({ ctx, target }: Account, clientSecret: string) =>
		connectWithKeys(ctx, { platform: "amazon", way: "secret", again: target.channelId, fields: { clientSecret } });

	/** As its owner does it in Seller Central. */
	async function makeByHand(...accounts: Account[]): Promise<string> {
		const made = "amzn1.oa2-cs.v1.by-hand";
		for (const { storeId, secret } of accounts) {
			await sandbox.ctx.db.execute(
				sql`update sandbox.stores set secrets = secrets || ${JSON.stringify({ clientSecret: made, previousSecret: secret })}::jsonb where id = ${storeId}`,
			);
			await setStoreSettings(sandbox.ctx, storeId, { secretExpiresAt: null });
		}
		return made;
	}

	it("after the old one has ended brings all channels of the app back, with all else that they have", async () => {
		const account = await connected({ withoutQueue: true });
		const sister = await connected({ ctx: account.ctx, sharesAppOf: account, withoutQueue: true });
		for (const { storeId, target } of [account, sister]) {
			// Each has a token of the secret that ends.
			await openConnection(database.client("app"), target);
			await setStoreSettings(sandbox.ctx, storeId, { secretExpiresAt: inDays(-1) });
		}
		await workChannel(account.target, { maxMs: 3_000, lingerMs: 100, client: database.client("app") });
		expect(await readChannel(account.ctx, account.target.channelId)).toMatchObject({
			state: "live",
			breaker: { state: "open" },
			lastError: { reason: "app_misconfigured", fix: expect.stringMatching(/180 days.*Paste new secret/) },
		});
		await database.ownerClient`update channels set state = 'revoked' where id = ${sister.target.channelId}`;

		const made = await makeByHand(account, sister);
		expect(await paste(account, made)).toMatchObject({ result: "connected", channelId: account.target.channelId });
		for (const one of [account, sister]) {
			expect(await keptAccess(one)).toMatchObject({ clientSecret: made, refreshToken: one.access.refreshToken });
			expect(await readChannel(one.ctx, one.target.channelId)).toMatchObject({
				state: "live",
				breaker: { state: "closed" },
				lastError: null,
			});
			expect(daysLeft((await viewOf(one))?.endsAt)).toBe(180);
			const again = await openConnection(database.client("app"), one.target);
			expect(await again.adapter.listListings(again.connection(), null, null)).toMatchObject({ items: [] });
		}
	}, 60_000);

	it("and is none is refused with what to do, though the one before still works; another merchant's channel is not there", async () => {
		const account = await connected();
		const refused = await paste(account, "amzn1.oa2-cs.v1.mistyped");
		expect(refused).toMatchObject({
			result: "failed",
			checks: [{ name: "credentials", fix: expect.stringMatching(/Rotate secret/) }],
		});
		expect(await keptAccess(account)).toMatchObject({ clientSecret: account.secret });
		const stranger = await connected();
		await expect(paste({ ...account, ctx: stranger.ctx }, account.secret)).rejects.toThrow();
	}, 60_000);

	it("although it was replaced already does not take the place of what replaced it", async () => {
		const account = await connected({ settings: { secretExpiresAt: inDays(12) } });
		await collect(account);
		await renew(account);
		await collect(account);
		const { baseUrl } = await sandboxKeys(sandbox.ctx, account.storeId);
		await connectStore(account.ctx, { platform: "amazon", baseUrl, access: account.access, isSandbox: true });
		expect(await keptAccess(account)).toMatchObject({
			clientSecret: await newestSecret(account),
			previousSecret: account.secret,
		});
	}, 60_000);
});
