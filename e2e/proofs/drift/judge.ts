/** What became of each silent change: by the log, the ledger, the conflicts and the store's own truth. */
import type { DriftClass, DriftPolicy } from "@/lib/stock/drift";
import type { SilentChange, SilentShop } from "./silent-store";

export type Found = {
	changes: number;
	found: number;
	/** Found as what it is. */
	classified: number;
	/** Became what the channel's policy for its class says. */
	healed: number;
	/** Listings that did not change, and of which it was said that they had. */
	falsely: number;
	/** The first that went wrong, for whoever reads. */
	wrong: string | null;
	byClass: Partial<Record<DriftClass, string>>;
};

type Row = {
	sku: string;
	classes: string[] | null;
	offered: number;
	/** Units of the SKU, or of the bundle's part, that edits in the store have moved; and those that its orders took. */
	edited: number;
	sold: number;
	per_unit: number;
	is_asked: boolean;
};

export async function judge({ shop, store, changes, policies }: SilentShop): Promise<Found> {
	const rows = await shop.database.ownerClient<Row[]>`
		select l.sku, s.offered, s.units * coalesce(c.units, 1) as per_unit,
			(select array_agg(g.data->>'class' order by g.id) from sync_log g where g.listing_id = l.id and g.kind = 'level.drift') as classes,
			coalesce((select sum(m.delta) from movements m where m.sku_id = coalesce(c.component_id, s.sku_id) and m.kind = 'channel_edit'), 0)::int as edited,
			coalesce((select -sum(m.delta) from movements m where m.sku_id = coalesce(c.component_id, s.sku_id) and m.kind = 'order'), 0)::int as sold,
			exists (select from conflicts f where f.slot_id = s.id and f.state = 'open') as is_asked
		from listings l join slots s on s.listing_id = l.id left join sku_components c on c.bundle_id = s.sku_id
		where l.channel_id = ${store.channelId}`;
	const shown = await shop.shown(store);
	const bySku = new Map(rows.map((row) => [row.sku, row]));
	const changed = new Set(changes.map(({ sku }) => sku));
	const result: Found = {
		changes: changes.length,
		found: 0,
		classified: 0,
		healed: 0,
		falsely: rows.filter(({ sku, classes }) => classes && !changed.has(sku)).length,
		wrong: null,
		byClass: {},
	};
	for (const change of changes) {
		const row = bySku.get(change.sku);
		const policy = policies[change.class];
		// A sale may come to light before its level is read: by the orders that another listing's difference had asked for.
		const isSold = change.class === "unseen_sale" && row?.sold === change.before - change.after;
		const isFound = row?.classes != null || isSold;
		const isClassified = isFound && (row?.classes ?? []).every((its) => its === change.class);
		const isHealed = row !== undefined && became(policy, change, row, shown.get(change.sku) ?? Number.NaN);
		result.found += isFound ? 1 : 0;
		result.classified += isClassified ? 1 : 0;
		result.healed += isHealed ? 1 : 0;
		result.byClass[change.class] = policy;
		if (!isClassified || !isHealed)
			result.wrong ??= JSON.stringify({ ...change, policy, ...row, shows: shown.get(change.sku) });
	}
	return result;
}

function became(
	policy: DriftPolicy,
	{ class: driftClass, before, after }: SilentChange,
	row: Row,
	shows: number,
): boolean {
	const units = (after - before) * row.per_unit;
	if (driftClass === "unseen_sale") return row.sold === -units && row.edited === 0 && shows === after;
	switch (policy) {
		case "master_wins":
			return shows === before && row.offered === before && row.edited === 0 && !row.is_asked;
		case "channel_counts":
			return shows === after && row.offered === after && row.edited === units && !row.is_asked;
		case "ask":
			// What is too many is taken off at once; what is too few is not raised before somebody has decided.
			return row.is_asked && row.edited === 0 && shows === Math.min(before, after);
	}
}
