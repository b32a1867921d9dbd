import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile, NotFound, Unacceptable } from "../errors";
import { askForImport } from "../imports/import-jobs";
import { forgetLevels } from "../stock/forget-levels";
import { recountWithOthers } from "../stock/recount-exposures";
import { wake } from "../sync/wake";

type KnownLocation = { ref: string; name: string; isActive: boolean };

/**
 * Chooses which of the store's locations the channel sells from. What is known of the other location's stock is
 * forgotten and read anew; a channel that was pushing becomes read-only again, since what it would change is another
 * question now (R12).
 */
export async function setLocation(ctx: Context, channelId: string, locationRef: string): Promise<void> {
	authorise(ctx, "manager");
	const isChanged = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [channel] = await run<{ state: string; location_ref: string; locations: KnownLocation[] | null }>`
			select state, location_ref, facts->'locations' as locations from channels where id::text = ${channelId} for update`;
		if (!channel || channel.state === "disconnected") throw new NotFound("channel");
		const location = (channel.locations ?? []).find(({ ref }) => ref === locationRef);
		if (!location) throw new Unacceptable("The store does not have this location any more. Check the store again.");
		if (!location.isActive)
			throw new Unacceptable(`${location.name} is switched off in the store. Switch it on there, then check again.`);
		await run`
			update channels set wizard = wizard || jsonb_build_object('locationSetAt', ${ctx.now().toISOString()}::text) where id = ${channelId}::uuid`;
		if (channel.location_ref === locationRef) return false;

		// Locked before it is looked: what is being claimed at this moment is seen, and nothing is claimed meanwhile.
		const slots = await run<{ id: number; is_open: boolean }>`
			select id::float8 as id, push_id is not null or maybe is not null as is_open from slots where channel_id = ${channelId}::uuid order by id for update`;
		if (slots.some(({ is_open }) => is_open))
			throw new ChangedMeanwhile("A quantity is on its way to the store. Pause the channel and try again in a moment.");
		// "connecting" takes the channel from its worker, who still holds the old location; the import gives it back.
		await run`
			update channels set location_ref = ${locationRef}, state = 'connecting', pushing_since = null, dry_run_seen_at = null where id = ${channelId}::uuid`;
		await run`
			update slots set location_ref = ${locationRef}, held_reason = null, held_at = null where channel_id = ${channelId}::uuid`;
		const skuIds = await forgetLevels(
			run,
			slots.map(({ id }) => id),
		);
		await recountWithOthers(run, skuIds);
		await askForImport(run, { merchantId: ctx.merchantId, channelId });
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'channel.location_set', ${channelId}, ${JSON.stringify({ locationRef, name: location.name })}::text::jsonb)`;
		return true;
	});
	if (isChanged) wake("import", [channelId]);
}
