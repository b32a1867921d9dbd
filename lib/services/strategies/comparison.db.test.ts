import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { compareOn } from "@/lib/simulation/compare";
import { type Context, systemContext } from "../context";
import { ChangedMeanwhile, Forbidden } from "../errors";
import { setWakeSender } from "../sync/wake";
import { makeMerchant } from "../testing/fixtures";
import { advanceComparison, beginComparison, endComparison } from "./advance-comparison";
import { askForComparison } from "./ask-for-comparison";
import { readComparison } from "./read-comparison";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const someone = async (role: Context["role"] = "manager"): Promise<Context> => ({
	...systemContext((await makeMerchant(database)).merchantId, database.db("app")),
	actor: `user:${randomUUID()}`,
	role,
});

const launch = { day: "a marked launch of 20", seed: 7, seeds: 2 };

/** As the function does. */
async function workOff(ctx: Context): Promise<void> {
	const begun = await beginComparison(ctx);
	if (!begun) return;
	for (let cell = 0; cell < begun.total; cell++) await advanceComparison(ctx, begun.id, cell);
	await endComparison(ctx, begun.id);
}

it("figures come one by one, and are those of the seed that was given", async () => {
	const ctx = await someone();
	expect(await readComparison(ctx)).toBeNull();
	const { id } = await askForComparison(ctx, launch);
	expect(await readComparison(ctx)).toMatchObject({ id, state: "waiting", done: 0, total: 6, seed: 7, seeds: 2 });
	const begun = await beginComparison(ctx);
	expect(begun).toEqual({ id, total: 6 });
	expect(await advanceComparison(ctx, id, 0)).toBe(true);
	const first = await readComparison(ctx);
	expect(first).toMatchObject({ state: "running", done: 1, finishedAt: null });
	expect(first?.days[0]?.rows[0]).toEqual({
		contender: "naive push",
		cell: await compareOn("a marked launch of 20", "naive push", 7, 2),
	});
	expect(first?.days[0]?.rows[1]?.cell).toBeNull();
	await workOff(ctx);
	expect(await readComparison(ctx)).toMatchObject({ state: "done", done: 6, day: "a marked launch of 20" });
	expect(await beginComparison(ctx)).toBeNull();
});

it("one that is under way is not started twice, not even by two people at once", async () => {
	const ctx = await someone();
	const asked = await Promise.allSettled([askForComparison(ctx, launch), askForComparison(ctx, launch)]);
	expect(asked.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	const begun = await beginComparison(ctx);
	await advanceComparison(ctx, begun?.id ?? "", 0);
	await expect(askForComparison(ctx, launch)).rejects.toThrow(ChangedMeanwhile);
	await expect(askForComparison(ctx, launch)).rejects.toThrow("1 of 6 figures are there");
});

it("one that is asked for the moment the last is done is woken as that one was", async () => {
	const ctx = await someone();
	const woken: string[] = [];
	setWakeSender(async (kind, ids) => {
		woken.push(...ids.map((id) => `${kind} ${id}`));
	});
	vi.useFakeTimers({ toFake: ["Date"] });
	try {
		await askForComparison(ctx, launch);
		await workOff(ctx);
		await askForComparison(ctx, launch);
	} finally {
		vi.useRealTimers();
		setWakeSender(null);
	}
	expect(woken).toEqual([`compare ${ctx.merchantId}`, `compare ${ctx.merchantId}`]);
});

it("one that was interrupted gives way to the next, and its late steps write nothing", async () => {
	const ctx = await someone();
	const { id } = await askForComparison(ctx, launch);
	await beginComparison(ctx);
	await database.ownerClient`update comparisons set beat_at = now() - interval '2 minutes' where id = ${id}`;
	expect((await readComparison(ctx))?.state).toBe("interrupted");
	const next = await askForComparison(ctx, { ...launch, seed: 8 });
	expect(next.id).not.toBe(id);
	expect(await advanceComparison(ctx, id, 0)).toBe(false);
	await endComparison(ctx, id);
	expect(await readComparison(ctx)).toMatchObject({ id: next.id, state: "waiting", done: 0, seed: 8 });
});

it("a merchant sees and runs only its own", async () => {
	const [ours, theirs] = [await someone(), await someone()];
	const { id } = await askForComparison(ours, launch);
	expect(await readComparison(theirs)).toBeNull();
	expect(await beginComparison(theirs)).toBeNull();
	expect(await advanceComparison(theirs, id, 0)).toBe(false);
	expect((await readComparison(ours))?.done).toBe(0);
});

it("a manager may ask, everybody may look, and every day is asked for by all", async () => {
	const ctx = await someone("support");
	await expect(askForComparison(ctx, launch)).rejects.toThrow(Forbidden);
	await askForComparison({ ...ctx, role: "manager" }, { ...launch, day: "all" });
	const seen = await readComparison({ ...ctx, role: "viewer" });
	expect(seen).toMatchObject({ day: "all", total: 66 });
	expect(seen?.days.map(({ seeds }) => seeds)).toEqual([1, ...Array.from({ length: 10 }, () => 2)]);
});

it.each([
	[{ ...launch, seeds: 21 }, "20 seeds are the most."],
	[{ ...launch, seeds: 0 }, "At least one seed"],
	[{ ...launch, seed: -1 }, "as the seed"],
	[{ ...launch, day: "doomsday" }, "Choose one of the days"],
])("%j is refused with the reason", async (input, reason) => {
	await expect(askForComparison(await someone(), input)).rejects.toThrow(reason);
});
