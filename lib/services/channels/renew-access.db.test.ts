/** Access that ends: renewed by its age, shortly before its end, and when the platform ends it sooner. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { square } from "@/lib/channels/square";
import { forgetStore } from "@/lib/sandbox/context";
import { sandboxKeys, setKnobs } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";
import { openAccess, openConnection, sealAccess } from "./open-connection";
import { workChannel } from "./work-channel";

const sandbox = sandboxHereForTests();
const { database } = sandbox;

let shop: LiveStore;
const client = () => database.client("app");
const sql = () => database.ownerClient;

/** Connected by an agreement, whose token lives thirty days. */
beforeEach(async () => {
	shop = await liveStore(database, sandbox, "square", productsOf({ CUP: 5 }));
	const { access: keys } = await sandboxKeys(sandbox.ctx, shop.storeId);
	const { connection } = await openConnection(client(), shop.target);
	const app = { clientId: keys.clientId ?? "", clientSecret: keys.clientSecret ?? "" };
	const agreed = await square.refreshAccess?.({ ...connection(), access: keys }, app);
	const access = { ...app, ...agreed?.access };
	await sql()`
		update credentials set sealed = ${sealAccess(shop.channelId, access)}, expires_at = ${agreed?.expiresAt?.toISOString() ?? null}
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

	test("that ends before its time is renewed, and the channel is not told as taken back", async () => {
		const first = await kept();
		await sql()`update sandbox.tokens set expires_at = now() - interval '1 min' where token = ${first ?? ""}`;
		await sql()`update channel_health set next_poll_at = now(), last_ok_at = null where channel_id = ${shop.channelId}`;
		const health = async () => {
			const [row] = await sql()`
				select c.state, h.breaker, h.last_ok_at is not null as is_heard from channels c join channel_health h on h.channel_id = c.id
				where c.id = ${shop.channelId}`;
			return row;
		};
		// Within the pause after the failure nothing is asked.
		await vi.waitFor(
			async () => {
				await workChannel(shop.target, { maxMs: 3_000, lingerMs: 200, client: client() });
				expect(await health()).toEqual({ state: "live", breaker: "closed", is_heard: true });
			},
			{ timeout: 20_000 },
		);
		expect(await kept()).not.toBe(first);
	}, 30_000);
});
