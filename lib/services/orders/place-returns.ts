import type { Statement } from "@/db/statement";
import type { HeardOrder } from "./heard-order";

/** A location of the store; `locationId`: the one of ours that bears its name, null where none does. */
export type ReturnPlace = { name: string; locationId: string | null };

export type PlacedReturns = {
	/** Units that came back elsewhere are still taken where they were sold from. */
	heard: HeardOrder[];
	/** By order and line: units by the store's location. Lines without any are absent. */
	elsewhere: Map<string, Record<string, number>>;
	placesByRef: Map<string, ReturnPlace>;
};

export const lineKey = (orderRef: string, lineRef: string) => `${orderRef} ${lineRef}`;

/**
 * Units that a store put back at another location than the one that the channel sells from: what the channel shows has
 * not risen, and neither has the stock that it sells. Where that location bears the name of one of ours, it is there that
 * they lie.
 */
export async function placeReturns(
	run: Statement,
	channelId: string,
	heard: readonly HeardOrder[],
): Promise<PlacedReturns> {
	const placed: PlacedReturns = { heard: [...heard], elsewhere: new Map(), placesByRef: new Map() };
	if (!heard.some(({ order }) => order.lines.some(({ givenBackAt }) => givenBackAt))) return placed;
	const rows = await run<{ own_ref: string; ref: string | null; name: string | null; location_id: string | null }>`
		select c.location_ref as own_ref, l.ref, l.name, o.id as location_id
		from channels c
		left join lateral jsonb_to_recordset(coalesce(c.facts->'locations', '[]')) as l(ref text, name text) on true
		left join locations o on o.merchant_id = c.merchant_id and lower(o.name) = lower(l.name)
		where c.id = ${channelId}::uuid`;
	const ownRef = rows[0]?.own_ref ?? "";
	if (ownRef === "") return placed;
	for (const { ref, name, location_id } of rows)
		if (ref !== null) placed.placesByRef.set(ref, { name: name ?? ref, locationId: location_id });
	placed.heard = heard.map((one) => ({
		...one,
		order: {
			...one.order,
			lines: one.order.lines.map((line) => {
				const others = Object.entries(line.givenBackAt ?? {}).filter(([ref]) => ref !== ownRef);
				if (others.length === 0) return line;
				placed.elsewhere.set(lineKey(one.order.orderRef, line.lineRef), Object.fromEntries(others));
				return { ...line, taken: others.reduce((sum, [, units]) => sum + units, line.taken) };
			}),
		},
	}));
	return placed;
}
