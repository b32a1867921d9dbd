/** What a store in trouble was asked for, by its own account of requests, while its channel's breaker was open. */
import { flushRequests } from "@/lib/sandbox/requests";
import type { LiveShop, LiveStore } from "../pipeline/live-shop";

type Span = { from: number; to: number };

export async function callsWhileDown(
	shop: LiveShop,
	{ storeId, channelId }: LiveStore,
): Promise<{ probes: number; probesAtOnce: number }> {
	await flushRequests(shop.sandbox.ctx.db);
	const sql = shop.database.ownerClient;
	const lines = await sql<{ kind: string; at: number }[]>`
		select kind, extract(epoch from at)::float8 * 1000 as at from sync_log
		where channel_id = ${channelId} and kind in ('channel.unreachable', 'channel.back') order by id`;
	const down: Span[] = [];
	for (const { kind, at } of lines) {
		const open = down.at(-1);
		if (kind === "channel.unreachable" && (!open || open.to !== Number.POSITIVE_INFINITY))
			down.push({ from: at, to: Number.POSITIVE_INFINITY });
		else if (kind === "channel.back" && open) open.to = Math.min(open.to, at);
	}
	const requests = await sql<Span[]>`
		select extract(epoch from at)::float8 * 1000 as "from", extract(epoch from at)::float8 * 1000 + ms as "to"
		from sandbox.requests where store_id = ${storeId} order by id`;
	const probes = requests.filter(({ from }) => down.some((span) => from > span.from && from < span.to));
	return { probes: probes.length, probesAtOnce: mostAtOnce(probes) };
}

/** The most of these spans that any moment is in. */
export function mostAtOnce(spans: readonly Span[]): number {
	const edges = spans.flatMap(({ from, to }) => [
		{ at: from, step: 1 },
		{ at: to, step: -1 },
	]);
	edges.sort((a, b) => a.at - b.at || a.step - b.step);
	let now = 0;
	let most = 0;
	for (const { step } of edges) {
		now += step;
		most = Math.max(most, now);
	}
	return most;
}
