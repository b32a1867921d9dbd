import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { LogState } from "@/db/schema";
import { endWords, isEnding, newSecretHref, renewalWords } from "@/lib/format/app-secret";
import { pasteAgainHref, silenceSentence, silenceWord } from "@/lib/format/channel-health";
import { countOf } from "@/lib/format/number";
import {
	type ConflictItem,
	endSnoozes,
	groupRows,
	itemOf,
	openOrder,
	readConflictRows,
} from "../conflicts/list-conflicts";
import type { ChannelRow } from "./read-channel-rows";
import { likelyReason, readRejectedWebhooks } from "./rejected-webhooks";

/** Something that a person can do about it, with where. */
export type Need = {
	key: string;
	shape: LogState;
	title: string;
	detail: string;
	button: string;
	href: string;
	/** The thing to do first. */
	isFirst: boolean;
};

/** Conflicts that the overview names, of each kind of harm; the rest are a number. */
const namedOversells = 8;
const namedOthers = 2;

/** By harm: sold and not there, out of reach, not understood (it may be a sale), then what can wait. */
const byHarm: readonly LogState[] = ["bad", "off", "warn", "hold", "go", "none", "ok"];

/** What waits for a person, worst first. */
export async function readNeeds(
	tx: Transaction,
	merchantId: string,
	channels: readonly ChannelRow[],
	now: number,
): Promise<Need[]> {
	await endSnoozes(tx, merchantId);
	const rows = await readConflictRows(
		tx,
		sql`f.merchant_id = ${merchantId}::uuid and f.state = 'open'`,
		openOrder,
		1_000,
	);
	const items = groupRows(rows).map(itemOf);
	const isOversold = ({ kind }: ConflictItem) => kind === "oversold";
	const named = [
		...items.filter(isOversold).slice(0, namedOversells),
		...items.filter((item) => !isOversold(item)).slice(0, namedOthers),
	];
	const unnamed = items.filter((item) => !named.includes(item));
	const needs: Omit<Need, "isFirst">[] = named.map((item) => ({
		key: item.id,
		shape: item.shape,
		title: item.title,
		detail: item.detail,
		button: item.kind === "oversold" ? "Decide" : "Review",
		href: `/conflicts?id=${item.id}`,
	}));
	if (unnamed.length > 0)
		needs.push({
			key: "conflicts",
			shape: unnamed.some(isOversold) ? "bad" : "warn",
			title: `${unnamed.length} more to settle`,
			detail: "in the order of what is at stake",
			button: "Open",
			href: "/conflicts",
		});
	for (const channel of channels.filter(({ isInTrouble }) => isInTrouble))
		needs.push({
			key: channel.id,
			shape: "off",
			title: `${channel.name}: ${channel.word.toLowerCase()}`,
			detail: "its numbers wait, and are caught up when it is back",
			button: "Open",
			href: `/channels/${channel.id}`,
		});
	for (const { id, name, platform, silence } of channels) {
		const isPasted = silence?.of === "signature" && silence.secret !== null;
		if (silence)
			needs.push({
				key: `silence:${id}`,
				shape: "warn",
				title: `${name}: ${silenceWord(silence).toLowerCase()}`,
				detail: silenceSentence(silence),
				button: isPasted ? "Paste again" : "Look",
				href: isPasted ? pasteAgainHref(platform, id) : `/channels/${id}`,
			});
	}
	const rejected = await readRejectedWebhooks(tx, merchantId, now);
	for (const { id, name, silence } of channels) {
		const counts = rejected.get(id);
		// Of a secret that never fitted the row above tells.
		if (counts && silence?.of !== "signature")
			needs.push({
				key: `rejected:${id}`,
				shape: "warn",
				title: `${name}: ${countOf(counts.rejected, "webhook")} rejected today`,
				detail: likelyReason(counts),
				button: "Look",
				href: `/channels/${id}`,
			});
	}
	for (const { id, name, platform, secret, isInTrouble } of channels)
		if (secret && !isInTrouble && isEnding(secret, now))
			needs.push({
				key: `secret:${id}`,
				shape: "warn",
				title: `${name}: client secret ${endWords(secret, now)}`,
				detail: renewalWords(secret),
				button: "Paste new secret",
				href: newSecretHref(platform, id),
			});
	for (const { id, name, unfinished } of channels)
		if (unfinished)
			needs.push({
				key: id,
				shape: "none",
				title: `${name} is not switched on yet`,
				detail: unfinishedDetail(unfinished),
				button: "Go on",
				href: `/channels/${id}/setup/${unfinished.step}`,
			});
	needs.push(...(await readLooseEnds(tx, merchantId)));
	return needs
		.sort((a, b) => byHarm.indexOf(a.shape) - byHarm.indexOf(b.shape))
		.map((need, index) => ({ ...need, isFirst: index === 0 }));
}

function unfinishedDetail({ step, linked, listings }: NonNullable<ChannelRow["unfinished"]>): string {
	if (step === "location") return "it has several locations; say whose stock it sells before anything is counted";
	if (step === "dry-run")
		return `${linked} of ${countOf(listings, "listing")} linked; see what would change, then switch it on`;
	return "it is read, and nothing is written to it; link its listings first";
}

async function readLooseEnds(tx: Transaction, merchantId: string): Promise<Omit<Need, "isFirst">[]> {
	const [row] = (await tx.execute(sql`
		with open as materialized (
			select l.id from listings l
			join channels c on c.id = l.channel_id and c.state <> 'disconnected'
			where l.merchant_id = ${merchantId}::uuid and l.gone_at is null and l.left_out_reason is null
				and not exists (select from mappings p where p.listing_id = l.id)
		)
		select (select count(*)::int from open) as unlinked,
			(select count(*)::int from open o where exists (
				select from proposals p where p.listing_id = o.id and p.score >= 0.95 and p.rejected_at is null and not p.is_ambiguous)) as sure,
			(select count(*)::int from inbox i where i.merchant_id = ${merchantId}::uuid and i.state = 2 and i.received_at > now() - interval '7 days') as dead`)) as unknown as {
		unlinked: number;
		sure: number;
		dead: number;
	}[];
	const needs: Omit<Need, "isFirst">[] = [];
	if (row && row.unlinked > 0)
		needs.push({
			key: "unlinked",
			shape: "none",
			title: `${countOf(row.unlinked, "listing")} ${row.unlinked === 1 ? "is" : "are"} not linked yet`,
			detail: row.sure > 0 ? `${row.sure} have a suggestion above 95 %` : "their sales are kept until they are",
			button: "Link",
			href: "/mappings",
		});
	if (row && row.dead > 0)
		needs.push({
			key: "dead",
			shape: "warn",
			title: `${countOf(row.dead, "piece")} of news could not be read`,
			detail: "kept as it came, in the log",
			button: "Look",
			href: "/activity?q=cause:channel+outcome:drift",
		});
	return needs;
}
