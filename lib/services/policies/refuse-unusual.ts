import type { Statement } from "@/db/statement";
import { formatNumber } from "@/lib/format/number";
import { isUnusual, type Share, shareOf } from "@/lib/stock/dry-run";
import { countGroups } from "../channels/dry-run";
import { Unacceptable } from "../errors";
import type { PolicyTarget } from "./policy-target";

/** What is about to be written to a live channel. */
type Standing = { channelId: string; name: string; share: Share };

/** Of every live channel that a policy reaches; of one SKU or listing there are too few to be unusual, and none is read. */
export async function readStandings(run: Statement, target: PolicyTarget): Promise<Standing[]> {
	if (target.level === "sku" || target.level === "listing") return [];
	const channelId = target.level === "channel" ? target.id : null;
	const channels = await run<{ id: string; name: string }>`
		select id, name from channels
		where state = 'live' and (${channelId}::uuid is null or id = ${channelId}::uuid) order by created_at, name`;
	const standings: Standing[] = [];
	for (const { id, name } of channels)
		standings.push({ channelId: id, name, share: shareOf(await countGroups(run, id)) });
	return standings;
}

/** R12: throws where so much more than before would be written to a store that a person has to agree to it, with the numbers. */
export async function refuseUnusual(run: Statement, before: readonly Standing[]): Promise<void> {
	const words: string[] = [];
	for (const { channelId, name, share } of before) {
		const now = shareOf(await countGroups(run, channelId));
		if (!isUnusual(now, share)) continue;
		const [changes, compared, toZero] = [now.changes, now.compared, now.toZero].map(formatNumber);
		words.push(`${changes} of ${compared} listings on ${name} would change, ${toZero} of them to zero`);
	}
	if (words.length > 0)
		throw new Unacceptable(
			`${words.join("; ")}. That is an unusual share of the catalogue. Look at it and agree to it first.`,
			"share_not_confirmed",
		);
}
