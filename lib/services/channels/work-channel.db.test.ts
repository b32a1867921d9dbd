/** How a worker shares its calls: against a sandbox store over HTTP, and against answers that no sandbox store gives. */
import { setTimeout } from "node:timers/promises";
import type postgres from "postgres";
import { expect, it, vi } from "vitest";
import { ChannelError } from "@/lib/channels/errors";
import type { WriteOutcome } from "@/lib/channels/listing";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import { setKnobs } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { settlePush } from "../pushes/settle-push";
import { SpoiltCalls, type Try } from "../pushes/spoilt-calls";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";
import { takeTurn } from "./take-turn";
import { workChannel } from "./work-channel";

const sandbox = sandboxHereForTests();
const { database } = sandbox;

const stockOf = (listings: number) =>
	productsOf(Object.fromEntries(Array.from({ length: listings }, (_, n) => [`SKU-${n}`, 50])));
const offerLess = ({ channelId }: LiveStore) => database.ownerClient`
	update slots set offered = offered - 1 where channel_id = ${channelId}`;

it.each([
	// Of eight: the whole, then 0–3, 4 and 5, 4, 5, and the rest; the platform's words known, 5 isn't sent again.
	{ says: undefined, calls: 6 },
	{ says: new ChannelError("refused", "One of them was refused."), calls: 5 },
])(
	"a batch that the store refuses without naming a row is halved down to that row, whatever the pace, and the rest goes through",
	async (expected) => {
		const shop = await liveStore(database, sandbox, "shopify", stockOf(8));
		await offerLess(shop);
		const client = database.client("app");
		const [bad] = await database.ownerClient<{ external_key: string }[]>`
		select l.external_key from slots s join listings l on l.id = s.listing_id where s.channel_id = ${shop.channelId} order by s.id offset 5 limit 1`;
		const spoilt = new SpoiltCalls();
		const applied: string[] = [];
		const refused: string[] = [];
		let calls = 0;
		let tried: Try | null = null;
		do {
			const options = { now: Date.now(), mayClaim: true, only: tried?.slotIds ?? null };
			const { push } = await takeTurn(client, shop.target, shopifyFacts, options);
			if (!push || push === "orders_first") throw new Error("nothing was claimed");
			if (!tried?.refused) calls++;
			const hasBad = push.rows.some((row) => row.externalKey === bad?.external_key);
			const rows = push.rows.map(({ externalKey }): WriteOutcome => {
				if (!hasBad) return { externalKey, result: "applied", shown: null };
				if (push.rows.length > 1) return { externalKey, result: "not_sent" };
				const error = tried?.refused ?? new ChannelError("refused", "This one was refused.");
				return { externalKey, result: "refused", error };
			});
			for (const { externalKey, result } of rows) {
				if (result === "applied") applied.push(externalKey);
				if (result === "refused") refused.push(externalKey);
			}
			const answer = {
				rows,
				exchanges: [],
				trouble: null,
				budget: null,
				objection: hasBad ? expected.says : undefined,
			};
			const settled = await settlePush(client, shop.target, shopifyFacts, push, answer, Date.now());
			if (tried) spoilt.heard(push, answer);
			else spoilt.begin(settled.toSplit, answer.objection);
			tried = spoilt.take();
		} while (tried);
		expect(refused).toEqual([bad?.external_key]);
		expect(applied).toHaveLength(7);
		expect(calls).toBe(expected.calls);
	},
);

it("while a slow store takes its time over one call, the worker asks the database about nothing else", async () => {
	const shop = await liveStore(database, sandbox, "shopify", stockOf(2));
	await workChannel(shop.target, { maxMs: 2_000, lingerMs: 50, client: database.client("app") });
	await setKnobs(sandbox.ctx, shop.storeId, { latencyMs: 2_000, latencyJitterMs: 0 });
	await database.ownerClient`update channel_health set next_poll_at = now() where channel_id = ${shop.channelId}`;
	let transactions = 0;
	const client = new Proxy(database.client("app"), {
		get(target, name) {
			if (name === "begin") transactions++;
			return Reflect.get(target, name);
		},
	}) as postgres.Sql;
	const began = Date.now();
	const { calls } = await workChannel(shop.target, { maxMs: 1_500, lingerMs: 50, client });
	expect(Date.now() - began).toBeGreaterThan(1_900);
	expect(calls).toBe(1);
	// Its lease each second, its turns, and what the poll itself writes.
	expect(transactions).toBeLessThan(20);
});

it("what falls due behind the last call of a loop whose time is up is looked at next, not at the next poll", async () => {
	const shop = await liveStore(database, sandbox, "shopify", stockOf(1));
	const client = database.client("app");
	await workChannel(shop.target, { maxMs: 2_000, lingerMs: 50, client });
	await setKnobs(sandbox.ctx, shop.storeId, { latencyMs: 1_000, latencyJitterMs: 0 });
	await offerLess(shop);
	const working = workChannel(shop.target, { maxMs: 300, lingerMs: 50, client });
	await vi.waitUntil(
		async () =>
			(await database.ownerClient`select 1 from pushes where channel_id = ${shop.channelId} and finished_at is null`)
				.length > 0,
	);
	// Its time is up, and its call is still on the way.
	await setTimeout(400);
	await offerLess(shop);
	const { nextDueAt } = await working;
	expect(
		await database.ownerClient`select 1 from slots where channel_id = ${shop.channelId} and is_pending and push_id is null`,
	).toHaveLength(1);
	expect((nextDueAt ?? Number.POSITIVE_INFINITY) - Date.now()).toBeLessThan(1_000);
});
