import { expect, test } from "vitest";
import type { Connection } from "../channel-adapter";
import { updated } from "./api-types";
import { callA2c } from "./client";
import { inTurn, mostCalls } from "./gate";

/** Work that is under way until it is let go. */
function held() {
	let release = () => {};
	const done = new Promise<void>((resolve) => {
		release = resolve;
	});
	return { done, letGo: () => release() };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("five of a store and ten of an account are under way, the others wait their turn", async () => {
	const underWay: string[] = [];
	const works = Array.from({ length: 18 }, (_, index) => ({ ...held(), store: `store ${index % 3}` }));
	const all = works.map(({ done, store }) =>
		inTurn({ account: "one", store }, async () => {
			underWay.push(store);
			await done;
		}),
	);
	await settled();
	expect(underWay).toHaveLength(mostCalls.account);
	for (const store of ["store 0", "store 1", "store 2"])
		expect(underWay.filter((one) => one === store).length).toBeLessThanOrEqual(mostCalls.store);
	for (const { letGo } of works) letGo();
	await Promise.all(all);
	expect(underWay).toHaveLength(18);
});

test("a call that fails leaves its turn to the next", async () => {
	const keys = { account: "two", store: "s" };
	for (let time = 0; time < 12; time++)
		await expect(inTurn(keys, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
	expect(await inTurn(keys, () => Promise.resolve("yes"))).toBe("yes");
});

test("a write whose time ran out while it waited does not leave", async () => {
	let sent = 0;
	const connection: Connection = {
		channelId: "c",
		baseUrl: "https://x",
		access: { accountKey: "a", storeKey: "s" },
		locationRef: "",
		facts: {},
		http: {
			exchanges: [],
			send: () => {
				sent++;
				return Promise.reject(new Error("It left."));
			},
		},
		now: () => new Date(),
	};
	const call = { verb: "PUT", method: "product.update", body: {}, leavesBy: performance.now() - 1 } as const;
	await expect(callA2c(connection, call, updated)).rejects.toMatchObject({ reason: "throttled", mayHaveLanded: false });
	expect(sent).toBe(0);
});
