import { z } from "zod";
import { asMerchant } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { mostChoices, overlapping } from "@/lib/stock/places";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { lockLevels } from "../stock/lock-levels";
import { recomputeOffers } from "../stock/recompute-offers";
import { wake } from "../sync/wake";

const input = z
	.array(z.guid("Choose a location."), "Say which locations it sells from.")
	.min(1, "A store sells from one location at the least.")
	.refine((ids) => new Set(ids).size === ids.length, "Each location can be chosen once.");

/**
 * The locations of ours that a channel sells from, in the order in which a sale is taken from them. What it is offered, and
 * what every store that shares a location with it is offered, follows at once. What was taken before comes back where it
 * was taken.
 */
export async function setSellingLocations(ctx: Context, channelId: string, locationIds: unknown): Promise<void> {
	authorise(ctx, "manager");
	const chosen = input.parse(locationIds);
	const pendingChannelIds = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		// One change of places at a time: how many choices overlap depends on all of them.
		await run`select from merchants where id = ${ctx.merchantId}::uuid for no key update`;
		const channels = await run<{
			id: string;
			location_ids: string[];
		}>`select id, location_ids from channels order by id for update`;
		const channel = channels.find(({ id }) => id === channelId);
		if (!channel) throw new NotFound("channel");
		if (channel.location_ids.join() === chosen.join()) return [];
		await refuseUnknown(run, chosen);
		const choices = channels.map((one) => (one === channel ? chosen : one.location_ids));
		refuseTooMany(choices);
		const overlaps = overlapping([...choices, channel.location_ids]).map((group) => group.flat());
		const near = overlaps.filter((ids) => meets(ids, [...chosen, ...channel.location_ids])).flat();
		const skuIds = await readSkus(run, [
			channelId,
			...channels.flatMap((one) => (meets(near, one.location_ids) ? one.id : [])),
		]);
		// Levels before slots, as everybody does.
		await lockLevels(run, skuIds);
		await change(run, channelId, chosen);
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'channel.selling_locations_set', ${channelId}, ${JSON.stringify({ from: channel.location_ids, to: chosen })}::text::jsonb)`;
		const offered = await recomputeOffers(tx, skuIds);
		await endExposures(run);
		return offered.pendingChannelIds;
	});
	wake("work", pendingChannelIds);
}

const meets = (ids: readonly string[], others: readonly string[]) => ids.some((id) => others.includes(id));

/** What these channels sell, and what it is made of. */
async function readSkus(run: Statement, channelIds: readonly string[]): Promise<string[]> {
	const rows = await run<{ id: string }>`
		with sold as (
			select distinct sku_id as id from slots
			where sku_id is not null and channel_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(channelIds)}::text::jsonb))
		)
		select id from sold union select component_id from sku_components where bundle_id in (select id from sold)`;
	return rows.map(({ id }) => id);
}

async function refuseUnknown(run: Statement, chosen: readonly string[]): Promise<void> {
	const known = await run`
		select from locations where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(chosen)}::text::jsonb))`;
	if (known.length !== chosen.length)
		throw new Unacceptable("One of these locations is not there any more.", "no_such_location");
}

function refuseTooMany(choices: readonly (readonly string[])[]): void {
	if (overlapping(choices).every((group) => group.length <= mostChoices)) return;
	throw new Unacceptable(
		`Stores that share locations can have ${mostChoices} different choices of them at the most. Let this store sell from the same locations as another.`,
		"too_many_choices",
	);
}

/** The database keeps the pools by itself (db/guards.sql keep_pools). */
async function change(run: Statement, channelId: string, chosen: readonly string[]): Promise<void> {
	await run`
		update channels set location_id = ${chosen[0] ?? null}::uuid,
			further_location_ids = array(select value::uuid from jsonb_array_elements_text(${JSON.stringify(chosen.slice(1))}::text::jsonb) with ordinality as t(value, place) order by place)
		where id = ${channelId}::uuid`;
	await run`update slots set location_id = ${chosen[0] ?? null}::uuid where channel_id = ${channelId}::uuid and location_id is distinct from ${chosen[0] ?? null}::uuid`;
}

/** What was at risk under a name that its locations have no more is counted under another now. */
const endExposures = (run: Statement) =>
	run`
		update exposures set units = 0, since = greatest(since, clock_timestamp()), hours = exposed(hours, units, since, greatest(since, clock_timestamp()))
		where units > 0 and location_id not in (select root_id from pools)`;
