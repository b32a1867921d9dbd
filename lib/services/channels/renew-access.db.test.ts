/** Access that ends: renewed by its age, shortly before its end, and when the platform ends it sooner. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { AppCredentials } from "@/lib/channels/channel-adapter";
import { square } from "@/lib/channels/square";
import { env } from "@/lib/env";
import { forgetStore } from "@/lib/sandbox/context";
import { sandboxKeys, setKnobs } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { findWork } from "../sync/find-work";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";
import { openAccess, openConnection, sealAccess } from "./open-connection";
import { workChannel } from "./work-channel";

const sandbox = sandboxHereForTests();
const { database } = sandbox;

let shop: LiveStore;
const client = () => database.client("app");
const sql = () => database.ownerClient;

let app: AppCredentials;

/** Connected by an agreement with an app of the host's, whose token lives thirty days. */
beforeEach(async () => {
	shop = await liveStore(database, sandbox, "square", productsOf({ CUP: 5 }));
	const { access: keys } = await sandboxKeys(sandbox.ctx, shop.storeId);
	const { connection } = await openConnection(client(), shop.target);
	app = { clientId: keys.clientId ?? "", clientSecret: keys.clientSecret ?? "" };
	env().hostApps = { square: app };
	const { refreshToken = "" } = keys;
	const agreed = await square.refreshAccess?.({ ...connection(), access: { refreshToken } }, app);
	await sql()`
		update credentials set sealed = ${sealAccess(shop.channelId, agreed?.access ?? {})}, expires_at = ${agreed?.expiresAt?.toISOString() ?? null}
		where channel_id = ${shop.channelId} and purpose = 'access'`;
});

const isOld = (days: number) => sql()`
	update credentials set rotated_at = now() - ${days} * interval '1 day' where channel_id = ${shop.channelId} and purpose = 'access'`;
const kept = async () => {
	const [row] = await sql()<{ sealed: string }[]>`
		select sealed from credentials where channel_id = ${shop.channelId} and purpose = 'access'`;
	return openAccess(shop.channelId, row?.sealed ?? "").accessToken;
};
const opened = async () => (await openConnection(client(), shop.target)).connection().access.accessToken;
const takeBack = async () => {
	await sql()`update sandbox.stores set settings = settings || '{"isRevoked": true}'::jsonb where id = ${shop.storeId}`;
	forgetStore(sandbox.ctx.db, shop.storeId);
};

describe("Square's token", () => {
	test("is renewed weeks before its end, before it is seven days old", async () => {
		const first = await kept();
		await isOld(5.9);
		expect(await opened()).toBe(first);
		await isOld(6.1);
		const second = await opened();
		expect(second).not.toBe(first);
		expect(await kept()).toBe(second);
		expect(await opened()).toBe(second);
	});

	test("serves on while Square does not renew it, and asks no more for a while", async () => {
		const first = await kept();
		await isOld(6.1);
		await setKnobs(sandbox.ctx, shop.storeId, { outage: true });
		expect(await opened()).toBe(first);
		await setKnobs(sandbox.ctx, shop.storeId, { outage: false });
		expect(await opened()).toBe(first);
	});

	test("is not renewed once the merchant has taken it back", async () => {
		await isOld(6.1);
		await takeBack();
		await expect(opened()).rejects.toMatchObject({ reason: "access_revoked" });
	});

	const work = () => workChannel(shop.target, { maxMs: 3_000, lingerMs: 100, client: client() });
	const pollNow = () => sql()`
		update channel_health set next_poll_at = now(), breaker_until = null where channel_id = ${shop.channelId}`;
	const channelNow = async () => {
		const [row] = await sql()`
			select c.state, h.breaker, h.next_poll_at > now() as is_polled, h.last_error from channels c
			join channel_health h on h.channel_id = c.id where c.id = ${shop.channelId}`;
		return row;
	};
	/** Days before its end, a minute before it, and after it. */
	const endsIn = (seconds: number) => sql()`
		update credentials set expires_at = now() + ${seconds} * interval '1 s', rotated_at = now() - interval '8 days'
		where channel_id = ${shop.channelId} and purpose = 'access'`;

	test.each<[string, AppCredentials | undefined, RegExp]>([
		["is not set any more", undefined, /SQUARE_CLIENT_ID and SQUARE_CLIENT_SECRET are missing/],
		["has a wrong secret", { clientId: "", clientSecret: "wrong" }, /checks SQUARE_CLIENT_ID and SQUARE_CLIENT_SECRET/],
	])(
		"serves to its end where the host's app %s; then the channel waits, and goes on once it is right",
		async (_, wrong, said) => {
			env().hostApps = { square: wrong && { ...wrong, clientId: app.clientId } };
			for (const left of [20 * 86_400, 60]) {
				await endsIn(left);
				await pollNow();
				await work();
				expect(await channelNow()).toMatchObject({
					state: "live",
					breaker: "closed",
					is_polled: true,
					last_error: null,
				});
			}
			await endsIn(-1);
			await pollNow();
			await work();
			const waiting = await channelNow();
			expect(waiting).toMatchObject({
				state: "live",
				breaker: "open",
				is_polled: false,
				last_error: { reason: "app_misconfigured" },
			});
			expect(`${waiting?.last_error.sentence} ${waiting?.last_error.fix}`).toMatch(said);

			env().hostApps = { square: app };
			await pollNow();
			expect((await findWork({ isStart: true })).work).toContain(shop.channelId);
			await work();
			expect(await channelNow()).toMatchObject({ state: "live", breaker: "closed", is_polled: true });
		},
	);

	test("that ends before its time is renewed, and the channel is not told as taken back", async () => {
		const first = await kept();
		await sql()`update sandbox.tokens set expires_at = now() - interval '1 min' where token = ${first ?? ""}`;
		await pollNow();
		// Within the pause after the failure nothing is asked.
		await vi.waitFor(
			async () => {
				await work();
				expect(await channelNow()).toMatchObject({ state: "live", breaker: "closed", is_polled: true });
			},
			{ timeout: 20_000 },
		);
		expect(await kept()).not.toBe(first);
	}, 30_000);
});
