import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import type { Check, ConnectReport } from "../channel-adapter";
import type { CheckName } from "./checks";
import { expectFix } from "./expectations";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

export function checkConnect({ adapter, check, open, sandbox }: Suite): void {
	const seed = products({ CUP: 5 });

	check("a good store passes, and stays as it was", async () => {
		const shop = await open(seed);
		const before = await shop.quantities();
		const { checks, store } = await adapter.connect(shop.connectionWith({ locationRef: "", facts: {} }));
		expect(checks.filter(({ state }) => state === "failed" || state === "warned")).toEqual([]);
		expect(checks.filter(({ state }) => state === "passed").map(({ name }) => name)).toEqual(
			expect.arrayContaining(["address", "credentials", "inventory_read", "inventory_write"]),
		);
		expect(store?.name.trim()).toBeTruthy();
		expect(await shop.quantities()).toEqual(before);
	});

	check("the same store is known again", async () => {
		const [shop, other] = [await open(seed), await open(seed)];
		const keyOf = async (one: Shop) => (await adapter.connect(one.connectionWith({}))).store?.storeKey;
		const key = await keyOf(shop);
		expect(key).toBeTruthy();
		expect(await keyOf(shop)).toBe(key);
		expect(await keyOf(other)).not.toBe(key);
	});

	/** `expected`: the checks of which one has to fail; warned is enough where it says so. */
	function failing(
		name: CheckName,
		ask: (shop: Shop) => Promise<ConnectReport>,
		expected: readonly Check["name"][],
		{ hasFix = true, isWarning = false } = {},
	) {
		check(name, async () => {
			const { checks, store } = await ask(await open(seed));
			const states = isWarning ? ["failed", "warned"] : ["failed"];
			const found = checks.filter((one) => states.includes(one.state));
			expect(
				found.map((one) => one.name),
				JSON.stringify(checks),
			).toEqual(expect.arrayContaining([expect.toSatisfy((one) => expected.includes(one))]));
			for (const { name: what, sentence, fix } of found) {
				expect(sentence.trim(), what).not.toBe("");
				if (hasFix) expectFix(what, fix);
			}
			if (!isWarning) expect(store).toBeNull();
		});
	}

	failing(
		"a wrong address is named, with its fix",
		(shop) => {
			const baseUrl = `${sandbox.origin}/sandbox/${adapter.facts.platform}/nobody`;
			return adapter.connect(shop.connectionWith({ baseUrl }));
		},
		["address"],
	);
	failing(
		"wrong keys are named, with their fix",
		(shop) => adapter.connect(shop.connectionWith({ access: mistyped(shop.connection.access) })),
		["credentials"],
	);
	failing(
		"keys that were taken back are named, with their fix",
		async (shop) => {
			await shop.restrict("nothing");
			return adapter.connect(shop.connectionWith({}));
		},
		["credentials"],
	);
	failing(
		"keys that may only read are named, with their fix",
		async (shop) => {
			await shop.restrict("reading");
			return adapter.connect(shop.connectionWith({}));
		},
		["scopes", "inventory_write"],
		{ isWarning: true },
	);
	failing(
		"a store that is down is named",
		async (shop) => {
			await shop.turn({ outage: true });
			return adapter.connect(shop.connectionWith({}));
		},
		["address"],
		{ hasFix: false },
	);
	failing(
		"a web page in place of a store is named, with its fix",
		async (shop) => {
			await shop.turn({ garbled: "page" });
			return adapter.connect(shop.connectionWith({}));
		},
		["address"],
	);
}

/** Whatever is long enough to be a secret, with its last signs wrong; what names a store or a way stays. */
export const mistyped = (access: Record<string, string>): Record<string, string> =>
	Object.fromEntries(
		Object.entries(access).map(([name, value]) => [
			name,
			value.length < 16 || /[/.]/.test(value) ? value : `${value.slice(0, -6)}000000`,
		]),
	);
