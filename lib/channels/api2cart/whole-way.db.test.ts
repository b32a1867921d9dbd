/** The whole way through the real verbs: connect, import, link, push, hear of a sale. */
import { expect, test } from "vitest";
import { checkout, createSandboxStore, quantities, sandboxKeys } from "@/lib/sandbox/stores";
import { product, sized } from "@/lib/sandbox/testing/seeds";
import { connectStore } from "@/lib/services/channels/connect-store";
import { dryRun } from "@/lib/services/channels/dry-run";
import { switchPushingOn } from "@/lib/services/channels/switch-pushing";
import { workChannel } from "@/lib/services/channels/work-channel";
import { systemContext } from "@/lib/services/context";
import { readStore } from "@/lib/services/imports/read-store";
import { startFromCatalogue } from "@/lib/services/imports/start-from-catalogue";
import { drainMail } from "@/lib/services/mail/drain-mail";
import { makeMerchant } from "@/lib/services/testing/fixtures";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";

const sandbox = sandboxHereForTests();
const { database } = sandbox;

test.each(["woocommerce", "shopify"])(
	"a store on %s behind API2Cart is imported, sold from and written",
	async (behind) => {
		const { merchantId } = await makeMerchant(database);
		const ctx = systemContext(merchantId, database.db("app"));
		const { id: storeId } = await createSandboxStore(sandbox.ctx, {
			platform: "api2cart",
			name: "Through API2Cart",
			settings: { backing: { platform: behind, storeId: null } },
			products: [product("CUP", 9), sized("Tee", { S: 9, M: 9 })],
		});
		const keys = await sandboxKeys(sandbox.ctx, storeId);
		const connected = await connectStore(ctx, {
			platform: "api2cart",
			...keys,
			webhookSecret: undefined,
			isSandbox: true,
		});
		if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
		const { channelId } = connected;
		const client = database.client("app");
		const target = { channelId, merchantId, platform: "api2cart" } as const;
		await readStore(client, target);
		await startFromCatalogue(ctx, channelId, { isDryRun: false });
		await dryRun(ctx, channelId, { markSeen: true });
		await switchPushingOn(ctx, channelId);
		const shows = async () =>
			Object.fromEntries((await quantities(sandbox.ctx, storeId)).map(({ sku, quantity }) => [sku, quantity]));
		const work = () => workChannel(target, { maxMs: 3_000, lingerMs: 50, client });
		const slots = () => database.ownerClient<{ sku: string; offered: number; expected: number }[]>`
		select l.sku, s.offered, s.expected from slots s join listings l on l.id = s.listing_id
		where s.channel_id = ${channelId} order by l.sku`;
		await work();
		expect(await slots()).toMatchObject([
			{ sku: "CUP", offered: 9, expected: 9 },
			{ sku: "TEE-M", offered: 9, expected: 9 },
			{ sku: "TEE-S", offered: 9, expected: 9 },
		]);

		await checkout(sandbox.ctx, storeId, [{ sku: "TEE-S", quantity: 2 }]);
		await database.ownerClient`update channel_health set next_poll_at = now() where channel_id = ${channelId}`;
		await work();
		await drainMail(target, { maxMs: 10_000, lingerMs: 0, client });
		expect((await slots())[2]).toMatchObject({ sku: "TEE-S", offered: 7, expected: 7 });

		await database.ownerClient`update slots set offered = offered - 3 where channel_id = ${channelId}`;
		await work();
		expect(await shows()).toMatchObject({ CUP: 6, "TEE-S": 4, "TEE-M": 6 });
		expect(await slots()).toMatchObject([{ expected: 6 }, { expected: 6 }, { expected: 4 }]);
	},
	60_000,
);
