import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as schema from "@/db/schema";
import type { Role } from "@/db/schema/identity";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import type { Context, MerchantId } from "../context";
import { Forbidden } from "../errors";
import { pausePushes, resumePushes } from "../merchants/pause-pushes";
import { findAnything } from "../search/find-anything";
import { readShell } from "./read-shell";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(async () => {
	await closeNotifiers(database.url);
	await database.close();
});

async function shop(name: string, role: Role = "owner"): Promise<Context> {
	const [merchant] = await database.owner
		.insert(schema.merchants)
		.values({ name, slug: randomUUID(), timeZone: "Europe/Berlin" })
		.returning();
	return {
		merchantId: merchant?.id as MerchantId,
		actor: `user:${randomUUID()}`,
		role,
		db: database.db("app"),
		now: () => new Date("2026-11-24T14:02:31Z"),
	};
}

async function channel(ctx: Context, name = "nordlicht.myshopify.com") {
	const [row] = await database.owner
		.insert(schema.channels)
		.values({
			merchantId: ctx.merchantId,
			platform: "shopify",
			name,
			storeKey: name,
			baseUrl: "https://x",
			state: "live",
		})
		.returning();
	return row?.id ?? "";
}

async function listing(ctx: Context, channelId: string, more: Partial<typeof schema.listings.$inferInsert> = {}) {
	const [row] = await database.owner
		.insert(schema.listings)
		.values({ merchantId: ctx.merchantId, channelId, externalKey: randomUUID(), ids: {}, title: "Tarp", ...more })
		.returning();
	return row?.id ?? "";
}

async function sku(ctx: Context, code: string, title: string, gtin?: string) {
	const [row] = await database.owner
		.insert(schema.skus)
		.values({ merchantId: ctx.merchantId, code, title, gtin })
		.returning();
	return row?.id ?? "";
}

describe("what stands around every page", () => {
	it("counts listings that nobody decided about, open conflicts, and nothing of another merchant", async () => {
		const ours = await shop("Nordlicht Outdoor");
		const theirs = await shop("Someone else");
		const [ourChannel, theirChannel] = [await channel(ours), await channel(theirs)];
		await listing(theirs, theirChannel);

		await listing(ours, ourChannel);
		await listing(ours, ourChannel, { goneAt: new Date() });
		await listing(ours, ourChannel, { leftOutReason: "Fulfilled by Amazon" });
		const linked = await listing(ours, ourChannel);
		await database.owner.insert(schema.mappings).values({
			listingId: linked,
			merchantId: ours.merchantId,
			channelId: ourChannel,
			state: "linked",
			skuId: await sku(ours, "TRP-33", "Tarp 3×3"),
			linkedBy: ours.actor,
		});
		await database.owner.insert(schema.conflicts).values(
			(["open", "open", "snoozed", "decided"] as const).map((state) => ({
				merchantId: ours.merchantId,
				kind: "drift" as const,
				state,
				dedupeKey: randomUUID(),
			})),
		);

		expect(await readShell(ours)).toEqual({
			unlinkedListings: 1,
			openConflicts: 2,
			pushesPausedAt: null,
			merchantName: "Nordlicht Outdoor",
			timeZone: "Europe/Berlin",
		});
	});
});

describe("the pause of all pushes", () => {
	const lines = (ctx: Context) =>
		database.owner
			.select({ kind: schema.syncLog.kind, state: schema.syncLog.state, data: schema.syncLog.data })
			.from(schema.syncLog)
			.where(eq(schema.syncLog.merchantId, ctx.merchantId))
			.orderBy(schema.syncLog.id);

	it("is set, said once in both logs, and lifted", async () => {
		const ctx = await shop("Shop", "manager");
		expect(await pausePushes(ctx)).toEqual({ changed: true, pausedAt: ctx.now() });
		expect((await readShell(ctx)).pushesPausedAt).toBe("2026-11-24T14:02:31.000Z");
		expect(await resumePushes(ctx)).toEqual({ changed: true, pausedAt: null });
		expect((await readShell(ctx)).pushesPausedAt).toBeNull();

		expect(await lines(ctx)).toEqual([
			{ kind: "merchant.paused", state: "hold", data: { actor: ctx.actor } },
			{ kind: "merchant.resumed", state: "ok", data: { actor: ctx.actor } },
		]);
		const audit = await database.owner
			.select({ action: schema.auditLog.action })
			.from(schema.auditLog)
			.where(and(eq(schema.auditLog.merchantId, ctx.merchantId), eq(schema.auditLog.actor, ctx.actor)));
		expect(audit).toHaveLength(2);
	});

	it("pressed by five at once is one pause, and the first moment stands", async () => {
		const ctx = await shop("Shop");
		const results = await Promise.all(
			[1, 2, 3, 4, 5].map((second) =>
				pausePushes({ ...ctx, now: () => new Date(Date.UTC(2026, 10, 24, 12, 0, second)) }),
			),
		);
		expect(results.filter((result) => result.changed)).toHaveLength(1);
		expect(new Set(results.map((result) => result.pausedAt?.getTime())).size).toBe(1);
		expect(await lines(ctx)).toHaveLength(1);
	});

	it("is refused to support and viewers, and nothing changes", async () => {
		for (const role of ["support", "viewer"] as const) {
			const ctx = await shop("Shop", role);
			await expect(pausePushes(ctx)).rejects.toThrow(Forbidden);
			expect((await readShell(ctx)).pushesPausedAt).toBeNull();
		}
	});

	it("reaches no other merchant", async () => {
		const [ours, theirs] = [await shop("Ours"), await shop("Theirs")];
		await pausePushes(ours);
		expect((await readShell(theirs)).pushesPausedAt).toBeNull();
	});
});

describe("finding anything", () => {
	it("takes a code, a title, a barcode, an order number or a channel, of this merchant only", async () => {
		const ours = await shop("Ours");
		const theirs = await shop("Theirs");
		const shopify = await channel(ours);
		const tarp = await sku(ours, "TRP-33", "Tarp 3×3", "04006381333948");
		await sku(ours, "TRP-33-XL", "Tarp 3×3 with poles");
		await sku(theirs, "TRP-33", "Their tarp");
		await database.owner.insert(schema.orders).values({
			channelId: shopify,
			orderRef: "5512",
			merchantId: ours.merchantId,
			number: "#1042",
			status: "open",
			placedAt: new Date(),
			versionAt: 1,
			versionStep: 0,
		});

		expect((await findAnything(ours, "trp33")).map((hit) => hit.detail)).toEqual(["TRP-33", "TRP-33-XL"]);
		expect((await findAnything(ours, "with poles")).map((hit) => hit.detail)).toEqual(["TRP-33-XL"]);
		expect(await findAnything(ours, "4006381333948")).toEqual([
			{ kind: "sku", id: tarp, label: "Tarp 3×3", detail: "TRP-33", href: `/inventory/${tarp}` },
		]);
		expect((await findAnything(ours, "1042")).map((hit) => hit.label)).toEqual(["Order #1042"]);
		expect((await findAnything(ours, "nordlicht")).map((hit) => hit.href)).toEqual([`/channels/${shopify}`]);
		expect(await findAnything(theirs, "1042")).toEqual([]);
	});

	it("reads % and _ as what was typed", async () => {
		const ctx = await shop("Shop");
		await sku(ctx, "HUNDRED", "100 % wool");
		await sku(ctx, "OTHER", "1000 things");
		expect((await findAnything(ctx, "0 %")).map((hit) => hit.detail)).toEqual(["HUNDRED"]);
	});
});
