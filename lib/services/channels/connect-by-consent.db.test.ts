/** Any platform's OAuth, by a made-up one in its place: what is believed, and what becomes of it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { ChannelAdapter, ConnectReport } from "@/lib/channels/channel-adapter";
import type { Consent } from "@/lib/channels/consent";
import { ChannelError } from "@/lib/channels/errors";
import type { PasteForm } from "@/lib/channels/paste-form";
import { meant, mistake, readFields } from "@/lib/channels/paste-reading";
import { env } from "@/lib/env";
import { type Context, systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { readAttempt, type VisitReturn } from "./connect-attempt";
import { connectInstall } from "./connect-install";
import { connectWithKeys } from "./connect-with-keys";
import { openConnection } from "./open-connection";
import { readChannel } from "./read-channels";
import { beginVisit, finishVisit } from "./visit-store";
import { waysIn } from "./ways-in";

/** What the made-up platform answers; each test may change it. */
const calm = vi.hoisted(() => ({ hasPage: true, page: "https://square.example/authorize", grants: true }));
const platform = vi.hoisted(() => ({ ...calm, exchanged: [] as unknown[] }));

vi.mock("@/lib/channels/registry", async (original) => {
	const registry = await original<typeof import("@/lib/channels/registry")>();
	const { shopify } = await import("@/lib/channels/shopify");
	const store: ConnectReport["store"] = { storeKey: "store-1", name: "Nordlicht", locations: [], facts: {} };
	const adapter: ChannelAdapter = {
		...shopify,
		facts: { ...shopify.facts, platform: "square" },
		connect: async () => ({ checks: [], store }),
	};
	const pasteForm: PasteForm = {
		address: { label: "Account", placeholder: "", hint: null },
		fields: [{ name: "token", label: "Access token", placeholder: "", hint: null, isSecret: true, isOptional: false }],
		help: ["Copy the token."],
		readAddress: () => meant("https://api.square.example"),
		readKeys(typed) {
			const { token = "" } = typed;
			const isSecret = token.startsWith("sq0csp");
			const mistakes = { token: [isSecret && mistake("This is the secret, not the token.", "secret_as_token")] };
			return readFields(pasteForm.fields, typed, mistakes, { access: { token }, expiresAt: null });
		},
	};
	const consent = (): Consent => ({
		appHelp: "Make an application in the console.",
		authorizeUrl: platform.hasPage
			? ({ app, state, redirectUri }) =>
					`${platform.page}?${new URLSearchParams({ client_id: app.clientId, state, redirect_uri: redirectUri })}`
			: null,
		readReturn: (query) =>
			query.get("error")
				? { result: "denied", state: query.get("state"), sentence: "Nobody agreed there." }
				: { result: "agreed", state: query.get("state"), given: { code: query.get("code") ?? "" } },
		exchange: async (_io, visit) => {
			platform.exchanged.push(visit);
			if (!platform.grants) throw new ChannelError("refused", "The code is used up.", { fix: "Go there again." });
			return {
				baseUrl: "https://api.square.example",
				access: { accessToken: "at-1", refreshToken: "rt-1" },
				expiresAt: new Date(Date.now() + 86_400_000),
			};
		},
	});
	const platformFor = async () => ({ adapter, pasteForm, consent: consent() });
	return { ...registry, isConnectable: () => true, platformFor, adapterFor: async () => adapter };
});

const square = "square" as Parameters<typeof finishVisit>[1];
const origin = "https://stock.example.com";
const app = { clientId: "sq0idp-1", clientSecret: "sq0csp-1" };

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
	Object.assign(platform, calm, { exchanged: [] });
	env().hostApps = { square: app };
	ctx = await merchant();
});

async function merchant(): Promise<Context> {
	const { merchantId } = await makeMerchant(database);
	return { ...systemContext(merchantId, database.db("app")), actor: `user:${randomUUID()}`, role: "owner" };
}

/** Sets out, and has the browser at the platform's page. */
async function setOut(fields: Record<string, string> = {}) {
	const begun = await beginVisit(ctx, { platform: "square", address: "", fields }, { origin });
	return { state: begun.state ?? "", attemptId: begun.attemptId, page: new URL(begun.redirectTo) };
}

const comeBack = (query: Record<string, string>, state: string, as = ctx) =>
	finishVisit(as, square, new URLSearchParams(query), { origin, state });

const rejected = (reason: string): VisitReturn => ({ result: "rejected", reason }) as VisitReturn;

test("who agrees there is connected, once, with the address that the platform was told", async () => {
	const { state, page } = await setOut();
	expect(page.searchParams.get("client_id")).toBe("sq0idp-1");
	expect(page.searchParams.get("redirect_uri")).toBe(`${origin}/api/oauth/square`);
	expect(page.searchParams.get("state")).toBe(state);

	const back = await comeBack({ code: "c-1", state }, state);
	expect(back).toMatchObject({ result: "done", channelId: expect.any(String) });
	expect(platform.exchanged).toEqual([
		{
			app,
			baseUrl: "https://api.square.example",
			redirectUri: `${origin}/api/oauth/square`,
			given: { code: "c-1" },
		},
	]);
	expect(await comeBack({ code: "c-1", state }, state)).toEqual(rejected("state"));
	expect(platform.exchanged).toHaveLength(1);
});

test("nothing is exchanged for another browser, another state, another person or another merchant", async () => {
	const { state } = await setOut();
	expect(await comeBack({ code: "c-1", state }, "")).toEqual(rejected("state"));
	expect(await comeBack({ code: "c-1", state: "forged" }, state)).toEqual(rejected("state"));
	expect(await comeBack({ code: "c-1" }, state)).toEqual(rejected("state"));
	const stranger = { ...(await merchant()), actor: ctx.actor };
	expect(await comeBack({ code: "c-1", state }, state, stranger)).toEqual(rejected("state"));
	const colleague = { ...ctx, actor: `user:${randomUUID()}` };
	expect(await comeBack({ code: "c-1", state }, state, colleague)).toEqual(rejected("other_person"));
	expect(platform.exchanged).toEqual([]);
});

test.each([true, false])(
	"who does not agree finds that said where they come back to, if the platform sends the state along: %s",
	async (sendsState) => {
		const { state, attemptId } = await setOut();
		const query = { error: "access_denied", ...(sendsState && { state }) };
		expect(await comeBack(query, state)).toEqual({ result: "done", attemptId, channelId: null });
		expect(await readAttempt(ctx, attemptId)).toMatchObject({
			state: "failed",
			checks: [{ state: "failed", sentence: "Nobody agreed there." }],
		});
		expect(platform.exchanged).toEqual([]);
	},
);

test("a code that the platform does not take is a failed check with what to do", async () => {
	platform.grants = false;
	const { state, attemptId } = await setOut();
	expect(await comeBack({ code: "old", state }, state)).toMatchObject({ channelId: null });
	expect((await readAttempt(ctx, attemptId))?.checks).toContainEqual({
		name: "credentials",
		state: "failed",
		sentence: "The code is used up.",
		fix: "Go there again.",
	});
});

test("agreeing again, or pasting keys, is the same channel with fresh access", async () => {
	const first = await setOut();
	const connected = await comeBack({ code: "c-1", state: first.state }, first.state);
	const channelId = connected.result === "done" ? (connected.channelId ?? "") : "";
	const second = await setOut();
	expect(await comeBack({ code: "c-2", state: second.state }, second.state)).toMatchObject({ channelId });
	expect(await readChannel(ctx, channelId)).toMatchObject({ platform: "square", renewsItself: true });
	const pasted = await connectWithKeys(ctx, { platform: "square", address: "", fields: { token: " at-2 " } });
	expect(pasted).toMatchObject({ result: "connected", channelId, isReconnect: true });
	const channels = await database.ownerClient`select 1 from channels where merchant_id = ${ctx.merchantId}`;
	expect(channels).toHaveLength(1);
});

test("what the form knows to be wrong is refused before anything is asked", async () => {
	const input = { platform: "square", address: "", fields: { token: "sq0csp-1" } };
	await expect(connectWithKeys(ctx, input)).rejects.toMatchObject({
		status: 422,
		reason: "secret_as_token",
		fields: { token: "This is the secret, not the token." },
	});
});

test("without an app of the host's it is said which variables to set, and a merchant may bring an app", async () => {
	env().hostApps = {};
	await expect(setOut()).rejects.toMatchObject({
		reason: "keys_missing",
		fields: { clientId: expect.stringContaining("is empty"), clientSecret: expect.stringContaining("is empty") },
	});
	const { state, page } = await setOut({ clientId: "own-id", clientSecret: "own-secret" });
	expect(page.searchParams.get("client_id")).toBe("own-id");
	const back = await comeBack({ code: "c-1", state }, state);
	expect(back).toMatchObject({ channelId: expect.any(String) });
	expect(platform.exchanged).toMatchObject([{ app: { clientId: "own-id" } }]);

	const { ways } = await waysIn(square, { origin });
	expect(ways.map(({ key, fields }) => [key, fields.map(({ name }) => name)])).toEqual([
		["keys", ["token"]],
		["agree", ["clientId", "clientSecret"]],
	]);
	const said = ways.flatMap(({ help }) => [...(help.lines ?? []), ...(help.steps ?? [])]).join(" ");
	expect(said).toContain("Make an application in the console.");
	expect(said).toContain("SQUARE_CLIENT_ID and SQUARE_CLIENT_SECRET");
});

test("access that expires is not renewed with nothing: it is said which variables are gone", async () => {
	const { state } = await setOut();
	const back = await comeBack({ code: "c-1", state }, state);
	const channelId = back.result === "done" ? (back.channelId ?? "") : "";
	await database.ownerClient`update credentials set expires_at = now() where channel_id = ${channelId}`;
	env().hostApps = {};
	const target = { channelId, merchantId: ctx.merchantId, platform: square };
	await expect(openConnection(database.client("app"), target)).rejects.toMatchObject({
		reason: "app_misconfigured",
		message: expect.stringContaining("SQUARE_CLIENT_ID and SQUARE_CLIENT_SECRET"),
	});
});

test("with an app of the host's a merchant is asked for nothing but the store, and pasting stays", async () => {
	const { ways } = await waysIn(square, { origin });
	expect(ways.map(({ key, kind, fields }) => [key, kind, fields.length])).toEqual([
		["agree", "visit", 0],
		["keys", "keys", 1],
	]);
});

test("a browser is sent to https pages alone", async () => {
	for (const page of ["http://square.example/authorize", "javascript:alert(1)//"]) {
		platform.page = page;
		await expect(setOut()).rejects.toThrow("never sent");
	}
	const attempts = await database.ownerClient`select 1 from connect_attempts where merchant_id = ${ctx.merchantId}`;
	expect(attempts).toHaveLength(0);
});

test("an install that began on the platform's side counts once a manager says so, and never by the way back alone", async () => {
	platform.hasPage = false;
	await expect(setOut()).rejects.toMatchObject({ reason: "no_visit" });
	expect(await comeBack({ code: "c-1" }, "")).toEqual(rejected("state"));
	expect(platform.exchanged).toEqual([]);
	await expect(connectInstall({ ...ctx, role: "support" }, "square", "code=c-1", { origin })).rejects.toMatchObject({
		status: 403,
	});
	const outcome = await connectInstall(ctx, "square", "code=c-1&context=stores%2Fabc", { origin });
	expect(outcome).toMatchObject({ result: "connected" });
	expect(platform.exchanged).toMatchObject([{ given: { code: "c-1" }, redirectUri: `${origin}/api/oauth/square` }]);
});
