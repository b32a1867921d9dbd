/** Visits that begin in Amazon's Appstore: by a sandbox account's own over HTTP, and by addresses that somebody forged. */
import { randomUUID } from "node:crypto";
import { NextRequest } from "next/server";
import { beforeEach, expect, test } from "vitest";
import { env } from "@/lib/env";
import { promptSettings } from "@/lib/sandbox/amazon/testing";
import { storeBaseUrl } from "@/lib/sandbox/context";
import { createSandboxStore, setStoreSettings } from "@/lib/sandbox/stores";
import { proxy } from "@/proxy";
import { type Context, systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { sandboxHereForTests } from "../testing/sandbox-here";
import { beginStart, startReply } from "./begin-start";
import { readAttempt } from "./connect-attempt";
import { openConnection } from "./open-connection";
import { readChannel } from "./read-channels";
import { finishVisit } from "./visit-store";

const origin = "https://stock.example.com";
const at = { origin };

const sandbox = sandboxHereForTests();
const { database } = sandbox;
let ctx: Context;
beforeEach(async () => {
	env().sandbox = true;
	env().hostApps = {};
	ctx = await merchant();
});

async function merchant(): Promise<Context> {
	const { merchantId } = await makeMerchant(database);
	return { ...systemContext(merchantId, database.db("app")), actor: `user:${randomUUID()}`, role: "owner" };
}

const madeBy = ({ merchantId }: Context) =>
	createSandboxStore(sandbox.ctx, {
		platform: "amazon",
		name: "an account",
		madeBy: merchantId,
		products: [],
		settings: promptSettings,
	});

const locationOf = (reply: Response) => reply.headers.get("location") ?? "";

/** "Authorize now" in the account's Appstore: what our log-in address is opened with. */
async function beginThere(storeId: string): Promise<string> {
	const base = storeBaseUrl(sandbox.ctx, { platform: "amazon", id: storeId });
	const query = new URLSearchParams({ login_uri: `${origin}/api/oauth/amazon/start` });
	const opened = new URL(locationOf(await fetch(`${base}/apps/store?${query}`, { redirect: "manual" })));
	expect(`${opened.origin}${opened.pathname}`).toBe(`${origin}/api/oauth/amazon/start`);
	return opened.search;
}

const begin = (query: string, as = ctx) => beginStart(as, "amazon", query.replace(/^\?/, ""), at);

test("who begins there signs in, says that it belongs here, goes on there and comes back connected", async () => {
	const { id } = await madeBy(ctx);
	const search = await beginThere(id);
	const reply = await startReply("amazon", search);
	expect(reply.status).toBe(303);
	const page = new URL(locationOf(reply), origin);
	expect(page.pathname).toBe("/channels/connect/amazon");
	// Signed out: first that, and then this very page.
	const asked = new URL(locationOf(proxy(new NextRequest(page))));
	expect([asked.pathname, asked.searchParams.get("next")]).toEqual(["/sign-in", page.pathname + page.search]);

	const begun = await begin(page.searchParams.get("start") ?? "");
	// As the browser reaches sandbox stores: on this very site, by whatever name it calls it.
	const confirm = new RegExp(`^/sandbox/amazon/${id}/apps/authorize/confirm/`);
	expect(begun.redirectTo).toMatch(confirm);
	const byName = await begin(search.replace("127.0.0.1", "localhost"));
	expect(byName.redirectTo).toMatch(confirm);
	const agreed = await fetch(sandbox.origin + begun.redirectTo, { redirect: "manual" });
	const back = new URL(locationOf(agreed));
	expect(`${back.origin}${back.pathname}`).toBe(`${origin}/api/oauth/amazon`);
	const outcome = await finishVisit(ctx, "amazon", back.searchParams, { origin, state: begun.state ?? "" });
	if (outcome.result !== "done" || !outcome.channelId) throw new Error(JSON.stringify(outcome));
	expect(await readChannel(ctx, outcome.channelId)).toMatchObject({ platform: "amazon", isSandbox: true });
	const target = { channelId: outcome.channelId, merchantId: ctx.merchantId, platform: "amazon" as const };
	const open = await openConnection(database.client("app"), target);
	expect(await open.adapter.listListings(open.connection(), null, null)).toMatchObject({ items: [] });
	// The Appstore's word is good once.
	expect((await fetch(sandbox.origin + begun.redirectTo, { redirect: "manual" })).status).toBe(400);
});

test("another browser, another person and a no end it as they end every visit", async () => {
	const { id } = await madeBy(ctx);
	const begun = await begin(await beginThere(id));
	const back = new URL(locationOf(await fetch(sandbox.origin + begun.redirectTo, { redirect: "manual" })));
	const finish = (state: string, as = ctx) => finishVisit(as, "amazon", back.searchParams, { origin, state });
	expect(await finish("")).toEqual({ result: "rejected", reason: "state" });
	const colleague = { ...ctx, actor: `user:${randomUUID()}` };
	expect(await finish(begun.state ?? "", colleague)).toEqual({ result: "rejected", reason: "other_person" });
	await setStoreSettings(sandbox.ctx, id, { consents: false });
	const again = await begin(await beginThere(id));
	const no = new URL(locationOf(await fetch(sandbox.origin + again.redirectTo, { redirect: "manual" })));
	await finishVisit(ctx, "amazon", no.searchParams, { origin, state: again.state ?? "" });
	expect(await readAttempt(ctx, again.attemptId)).toMatchObject({ state: "failed", channelId: null });
});

test("with the host's app it goes on in Seller Central, and without one says what is missing", async () => {
	const callback = "https://sellercentral-europe.amazon.com/apps/authorize/confirm/amzn1.sellerapps.app.1";
	const query = new URLSearchParams({ amazon_callback_uri: callback, amazon_state: "a", selling_partner_id: "A1" });
	await expect(begin(query.toString())).rejects.toThrow(/AMAZON_CLIENT_ID/);
	env().hostApps = { amazon: { clientId: "amzn1.sp.solution.1/amzn1.application-oa2-client.2", clientSecret: "s" } };
	const { redirectTo, state, attemptId } = await begin(query.toString());
	const to = new URL(redirectTo);
	expect(`${to.origin}${to.pathname}`).toBe(callback);
	expect(Object.fromEntries(to.searchParams)).toEqual({
		redirect_uri: `${origin}/api/oauth/amazon`,
		amazon_state: "a",
		state,
	});
	expect(await readAttempt(ctx, attemptId)).toMatchObject({ baseUrl: "https://sellingpartnerapi-eu.amazon.com" });
});

test("nobody is sent to a page that is neither Amazon's nor a sandbox account's of the same merchant", async () => {
	env().hostApps = { amazon: { clientId: "amzn1.sp.solution.1/amzn1.application-oa2-client.2", clientSecret: "s" } };
	const confirm = "apps/authorize/confirm/1";
	const stranger = await madeBy(await merchant());
	const own = await madeBy(ctx);
	const base = ({ id }: { id: string }) => storeBaseUrl(sandbox.ctx, { platform: "amazon", id });
	const startAt = (page: string) =>
		new URLSearchParams({ amazon_callback_uri: page, amazon_state: "a", selling_partner_id: "A1" }).toString();
	const forged = [
		`https://evil.example/${confirm}`,
		`https://evil.example/sandbox/amazon/${own.id}/${confirm}`,
		`${sandbox.origin}/elsewhere/${confirm}`,
		`${sandbox.origin}/sandbox/shopify/${own.id}/${confirm}`,
		`${base(own)}/../../../${confirm}`,
		"javascript:alert(1)",
	];
	for (const page of forged) {
		const reply = await startReply("amazon", startAt(page));
		expect([page, locationOf(reply)]).toEqual([page, "/channels/connect/amazon?problem=start"]);
		await expect(begin(startAt(page)), page).rejects.toMatchObject({ reason: "foreign_start" });
	}
	await expect(begin(startAt(`${base(stranger)}/${confirm}`))).rejects.toMatchObject({ name: "NotFound" });
	await expect(begin(startAt(`${base(own)}/${confirm}`), { ...ctx, role: "support" })).rejects.toThrow();
	env().sandbox = false;
	await expect(begin(startAt(`${base(own)}/${confirm}`))).rejects.toMatchObject({ reason: "foreign_start" });
	for (const platform of ["bigcommerce", "magento"] as const)
		expect(locationOf(await startReply(platform, startAt(`${base(own)}/${confirm}`)))).toMatch(/problem=start/);
});
