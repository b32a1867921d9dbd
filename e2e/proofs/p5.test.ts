/** P5 in short: one kill at each point, each with a shop of its own, side by side; and a twin that loses in the same harness. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultPoints } from "@/lib/services/sync/fault-points";
import { seeded } from "@/lib/simulation/random";
import { type AppForm, smallApp } from "./crash/app";
import { openDatabases, type ProofDatabases } from "./crash/databases";
import { type Kill, type KillPoint, runKills } from "./crash/kill-runs";
import { cloneShop, type Seeded, seedShop, unforgiving } from "./crash/shop";
import type { Twin } from "./crash/twins";

const seed = 5;
const points: KillPoint[] = [...faultPoints, "any moment"];
let databases: ProofDatabases;
let form: AppForm;
let shop: Seeded;
beforeAll(async () => {
	[databases, form] = await Promise.all([openDatabases(), smallApp()]);
	shop = await seedShop(databases, databases.name("seed"), {
		platforms: ["shopify", "shopify"],
		skus: 6,
		stock: 10_000,
		settings: { plan: "enterprise", deliveryDelayMs: { least: 0, most: 40 }, retryScale: 0.02 },
		...unforgiving,
	});
}, 120_000);
afterAll(async () => {
	form?.close();
	await databases?.close();
});

async function kill(lane: number, points: KillPoint[], limitMs = 60_000, twin?: Twin): Promise<Kill[]> {
	const own = await cloneShop(databases, shop, databases.name(`shop${lane}`));
	try {
		return await runKills({ shop: own, form, points, random: seeded(seed * 1_000 + lane), limitMs, twin });
	} finally {
		await own.close();
	}
}

describe.concurrent("an app that is killed", () => {
	it.each(points.map((point, lane) => ({ point, lane })))(
		"at $point loses nothing that it acknowledged, and doubles nothing",
		async ({ point, lane }) => {
			const kills = await kill(lane, [point]);
			expect(kills).toMatchObject([{ point, lost: 0, doubled: 0, pushesDoubled: 0, unsettled: [] }]);
		},
		240_000,
	);

	it("loses mail when it acknowledges before it has kept it", async () => {
		const kills = await kill(100, ["verify"], 2_000, "acknowledges first");
		expect(kills[0]?.lost).toBeGreaterThan(0);
	}, 240_000);
});
