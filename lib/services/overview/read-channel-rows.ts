import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { ChannelState, LogState, Platform } from "@/db/schema";
import { adapterFor } from "@/lib/channels/registry";
import type { SecretState } from "@/lib/format/app-secret";
import { silenceWord } from "@/lib/format/channel-health";
import { countOf } from "@/lib/format/number";
import { firstOpenStep, needsLocation, type OpenStep } from "@/lib/format/setup-step";
import { readSilences, type Silence } from "../channels/news-silence";

export type ChannelRow = {
	id: string;
	name: string;
	platform: Platform;
	shape: LogState;
	/** "In step", "1 drift", "Catching up, 42 left". */
	word: string;
	/** It does not answer: when it is tried again, in milliseconds. */
	nextTryAt: number | null;
	lagMs: number | null;
	lastNewsAt: number | null;
	/** Per minute, oldest first, sixty of them. */
	orders: number[];
	/** It does not answer, or has withdrawn our access. */
	isInTrouble: boolean;
	/** Its news has been quiet for too long. */
	silence: Silence | null;
	/** The client secret of the merchant's own app, where it ends. */
	secret: SecretState | null;
	/** Its offers leave, or will when it is back. */
	isPushing: boolean;
	/** A person began to connect it and has not switched it on; null: nothing is left to do. */
	unfinished: { linked: number; listings: number; step: OpenStep } | null;
};

type Row = {
	id: string;
	name: string;
	platform: Platform;
	state: ChannelState;
	is_paused: boolean;
	breaker: string | null;
	breaker_until: number | null;
	last_news: number | null;
	waiting: number;
	drift: number;
	held: number;
	listings: number;
	linked: number;
	locations: { isActive: boolean }[];
	location_set_at: string | null;
	pushing_since: string | null;
	secret: Omit<SecretState, "byHand"> | null;
};

/** Each store in a line: is it in step, and if not, why. */
export async function readChannelRows(
	tx: Transaction,
	merchantId: string,
	from: number,
	now: number,
	lagOf: (channelId: string) => number | null,
): Promise<ChannelRow[]> {
	const rows = (await tx.execute(sql`
		select c.id, c.name, c.platform, c.state, c.paused_at is not null as is_paused, h.breaker,
			extract(epoch from h.breaker_until)::float8 * 1000 as breaker_until, extract(epoch from h.last_news_at)::float8 * 1000 as last_news,
			coalesce(n.waiting, 0) as waiting, coalesce(n.drift, 0) as drift, coalesce(n.held, 0) as held,
			coalesce(u.listings, 0) as listings, coalesce(u.linked, 0) as linked,
			coalesce(c.facts->'locations', '[]') as locations, c.wizard->>'locationSetAt' as location_set_at, c.pushing_since,
			case when a.secret_ends_at is not null then jsonb_build_object('endsAt', a.secret_ends_at, 'isTold', a.secret_told_at is not null,
				'isAsked', a.secret_asked_at is not null, 'trouble', a.secret_trouble) end as secret
		from channels c
		left join channel_health h on h.channel_id = c.id
		left join credentials a on a.channel_id = c.id and a.purpose = 'access'
		left join (
			select channel_id, (count(*) filter (where is_pending))::int as waiting, (count(*) filter (where unexplained <> 0))::int as drift,
				(count(*) filter (where held_reason is not null))::int as held
			from slots where merchant_id = ${merchantId}::uuid and sku_id is not null group by 1
		) n on n.channel_id = c.id
		left join lateral (
			select count(*)::int as listings, count(p.sku_id)::int as linked
			from listings i left join mappings p on p.listing_id = i.id
			where i.channel_id = c.id and i.gone_at is null and i.left_out_reason is null
		) u on c.state = 'read_only'
		where c.merchant_id = ${merchantId}::uuid and c.state <> 'disconnected'
		order by c.created_at, c.name`)) as unknown as Row[];
	const sold = (await tx.execute(sql`
		select channel_id, extract(epoch from minute)::float8 * 1000 as at, orders from channel_minutes
		where merchant_id = ${merchantId}::uuid and minute >= ${new Date(from).toISOString()}::timestamptz`)) as unknown as {
		channel_id: string;
		at: number;
		orders: number;
	}[];
	const orders = new Map<string, number[]>();
	for (const { channel_id, at, orders: count } of sold) {
		const minutes = orders.get(channel_id) ?? Array.from({ length: 60 }, () => 0);
		const index = Math.round((at - from) / 60_000);
		if (index >= 0 && index < 60) minutes[index] = count;
		orders.set(channel_id, minutes);
	}
	const silences = await readSilences(tx, now);
	const made = rows.map(async (row) => ({
		id: row.id,
		name: row.name,
		platform: row.platform,
		...stateOf(row, silences.get(row.id) ?? null),
		silence: silences.get(row.id) ?? null,
		secret: row.secret && { ...row.secret, byHand: (await adapterFor(row.platform)).appSecret?.byHand ?? "" },
		lagMs: lagOf(row.id),
		lastNewsAt: row.last_news,
		orders: orders.get(row.id) ?? Array.from({ length: 60 }, () => 0),
		isPushing: row.state === "live",
		unfinished: row.state === "read_only" ? { linked: row.linked, listings: row.listings, step: stepOf(row) } : null,
	}));
	return Promise.all(made);
}

const stepOf = ({ state, linked, locations, location_set_at, pushing_since }: Row) =>
	firstOpenStep({
		state,
		linked,
		needsLocation: needsLocation({ locations, locationSetAt: location_set_at, pushingSince: pushing_since }),
	});

function stateOf(row: Row, silence: Silence | null): Pick<ChannelRow, "shape" | "word" | "nextTryAt" | "isInTrouble"> {
	const calm = { nextTryAt: null, isInTrouble: false };
	switch (row.state) {
		case "revoked":
			return { ...calm, shape: "off", word: "Access withdrawn", isInTrouble: true };
		case "connecting":
			return { ...calm, shape: "none", word: "Not connected yet" };
		case "importing":
			return { ...calm, shape: "go", word: "Reading its listings" };
		case "read_only":
			return { ...calm, shape: "none", word: "Pushing is off" };
		default:
			break;
	}
	if (row.breaker && row.breaker !== "closed")
		return { shape: "off", word: "Unreachable", nextTryAt: row.breaker_until, isInTrouble: true };
	if (row.is_paused) return { ...calm, shape: "hold", word: "Paused" };
	if (row.drift > 0) return { ...calm, shape: "warn", word: countOf(row.drift, "drift") };
	if (row.held > 0) return { ...calm, shape: "off", word: `${countOf(row.held, "listing")} refused` };
	if (silence) return { ...calm, shape: "warn", word: silenceWord(silence) };
	if (row.waiting > 0) return { ...calm, shape: "go", word: `Catching up, ${row.waiting} left` };
	return { ...calm, shape: "ok", word: "In step" };
}
