import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import type { Connection } from "../channel-adapter";
import { accessEnded } from "../errors";
import type { WriteResult } from "../listing";
import { mistyped } from "./connect";
import { errorOf, expectFix, expectReason } from "./expectations";
import { expectTaken, untilShown } from "./landing";
import type { Suite } from "./suite";

export function checkAccess(suite: Suite): void {
	const { adapter, options, check, open, sandbox } = suite;
	const seed = products({ CUP: 5, MUG: 5 });

	check(
		"access that expires in mid-batch is renewed, and the batch goes on",
		async () => {
			const shop = await open(seed);
			const begin = options.expiringAccessOf?.(shop.keys.access) ?? shop.connection.access;
			const renew = async (from: Connection) => {
				const renewed = await adapter.refreshAccess?.(from, shop.app);
				return { connection: shop.connectionWith({ access: renewed?.access }), expiresAt: renewed?.expiresAt };
			};
			const first = await renew(shop.connectionWith({ access: begin }));
			const [cup, mug] = [await shop.row("CUP", 9), await shop.row("MUG", 9)];
			expectTaken(suite, await shop.write([cup], undefined, first.connection), [cup]);
			await untilShown(suite, shop, cup);

			expect(first.expiresAt?.getTime()).toBeGreaterThan(sandbox.now().getTime());
			sandbox.putForward((first.expiresAt?.getTime() ?? 0) - sandbox.now().getTime() + 60_000);
			const late = await shop.write([mug], undefined, first.connection);
			if (late.trouble) {
				expectReason("expired", late.trouble, late.trouble.code === accessEnded ? "unreachable" : "access_revoked");
				expect(late.rows.map(({ result }) => result)).toEqual(["not_sent"]);
				expect(await shop.shows("MUG")).toBe(5);
				const { connection } = await renew(first.connection);
				expectTaken(suite, await shop.write([mug], undefined, connection), [mug]);
			} else expectTaken(suite, late, [mug]);
			await untilShown(suite, shop, mug);
		},
		adapter.refreshAccess ? null : "its keys don't expire",
	);

	const results = ({ rows }: WriteResult) => [...new Set(rows.map(({ result }) => result))];

	check("access that was taken back is told apart", async () => {
		const shop = await open(seed);
		const rows = [await shop.row("CUP", 9)];
		await shop.restrict("nothing");
		const result = await shop.write(rows);
		expectReason("a write", result.trouble, "access_revoked");
		expectFix("a write", result.trouble?.fix);
		expect(results(result)).toEqual(["not_sent"]);
		const since = sandbox.now();
		expectReason(
			"a list",
			await errorOf("a list", () => adapter.listOrders(shop.connection, since, null)),
			"access_revoked",
		);
		expect(await shop.shows("CUP")).toBe(5);
	});

	check("a right that is missing is named, with its fix", async () => {
		const shop = await open(seed);
		const rows = [await shop.row("CUP", 9)];
		await shop.restrict("reading");
		const result = await shop.write(rows);
		expectReason("a write", result.trouble, "missing_scope");
		expectFix("a write", result.trouble?.fix);
		expect(results(result)).toEqual(["not_sent"]);
		expect(await shop.shows("CUP")).toBe(5);
		expect(await shop.level("CUP")).toMatchObject({ quantity: 5 });
	});

	check("no secret stands in an exchange or an error", async () => {
		const shop = await open(seed);
		const wrong = shop.connectionWith({ access: mistyped(shop.connection.access) });
		const connections = [shop.connection, wrong];
		const said: unknown[] = [];
		for (const connection of connections) {
			const note = (work: () => Promise<unknown>) =>
				work().then(
					(answer) => said.push(answer),
					(error) => said.push({ ...error, message: error.message }),
				);
			await note(() => adapter.connect(connection));
			await note(() => adapter.listListings(connection, null, null));
			await note(() => adapter.listOrders(connection, sandbox.now(), null));
			await note(async () => shop.write([await shop.row("CUP", 9)], undefined, connection));
			said.push(connection.http.exchanges);
		}
		expect(shop.connection.http.exchanges.length).toBeGreaterThan(3);
		const kept = JSON.stringify(said);
		// Short words among them ("token") name a way and are no secret.
		for (const secret of connections.flatMap(({ access }) => Object.values(access)).filter((one) => one.length >= 16))
			expect(kept.includes(secret), `${secret.slice(0, 4)}…`).toBe(false);
	});
}
