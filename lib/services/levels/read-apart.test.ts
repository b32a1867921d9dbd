import { describe, expect, test } from "vitest";
import { ChannelError } from "@/lib/channels/errors";
import type { RemoteLevel } from "@/lib/channels/listing";
import { readApart } from "./read-apart";

const wanted = (count: number) =>
	Array.from({ length: count }, (_, index) => ({ externalKey: `product:${index}`, ids: { productId: `${index}` } }));

/** A store that answers a call with none of these keys in it. */
function storeWith(odd: readonly string[], reason: ChannelError["reason"] = "unreadable") {
	const calls: string[][] = [];
	const read = async (some: { externalKey: string }[]): Promise<RemoteLevel[]> => {
		const keys = some.map(({ externalKey }) => externalKey);
		calls.push(keys);
		if (keys.some((key) => odd.includes(key))) throw new ChannelError(reason, "Nobody knows this form.");
		return keys.map((externalKey) => ({ externalKey, quantity: 1, readAt: new Date(0) }));
	};
	return { calls, read };
}

describe("levels of one call", () => {
	test("that can all be read are one call", async () => {
		const { calls, read } = storeWith([]);
		expect(await readApart(wanted(100), read)).toMatchObject({ levels: { length: 100 }, unreadable: null });
		expect(calls).toHaveLength(1);
	});

	test.each([["product:0"], ["product:63"], ["product:99"], ["product:3", "product:4", "product:98"]])(
		"without %s, which can't be read, are all there",
		async (...odd) => {
			const { calls, read } = storeWith(odd);
			const { levels, unreadable } = await readApart(wanted(100), read);
			const read100 = wanted(100).map(({ externalKey }) => externalKey);
			expect(levels.map(({ externalKey }) => externalKey)).toEqual(read100.filter((key) => !odd.includes(key)));
			expect(unreadable).toMatchObject({ reason: "unreadable" });
			expect(calls.length).toBeLessThanOrEqual(1 + 14 * odd.length);
		},
	);

	test("of which none can be read are soon given up", async () => {
		const { calls, read } = storeWith(wanted(100).map(({ externalKey }) => externalKey));
		await expect(readApart(wanted(100), read)).rejects.toMatchObject({ reason: "unreadable" });
		expect(calls.length).toBeLessThan(15);
	});

	test("is absent also where it is the only one that is asked for", async () => {
		const { read } = storeWith(["product:1"]);
		const only = [{ externalKey: "product:1", ids: { productId: "1" } }];
		expect(await readApart(only, read)).toMatchObject({ levels: [], unreadable: { reason: "unreadable" } });
	});

	test("that fail for another reason are not asked for again", async () => {
		const { calls, read } = storeWith(["product:7"], "timeout");
		await expect(readApart(wanted(100), read)).rejects.toMatchObject({ reason: "timeout" });
		expect(calls).toHaveLength(1);
	});
});
