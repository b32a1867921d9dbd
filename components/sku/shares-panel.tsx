"use client";

import { PlatformPlate } from "@/components/channel/platform-plate";
import { ButtonLink } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateShape } from "@/components/ui/state-shape";
import { Table, TableScroll, Tbody, Td, Th, Thead } from "@/components/ui/table";
import { Tag } from "@/components/ui/tag";
import { exposureMeaning, unitTime } from "@/lib/format/exposure";
import { countOf, formatNumber } from "@/lib/format/number";
import { whyWords } from "@/lib/format/strategy";
import { duration } from "@/lib/format/time";
import type { SkuSlot, SkuView } from "@/lib/queries/skus";
import { OfferNumber } from "./offer-reason";

/** What each channel shows, may still sell for certain, and what is in doubt until a write is confirmed. */
export function SharesPanel({
	sku,
	onChangeRules,
	onChangeSharing,
}: {
	sku: SkuView;
	/** Null: the role is not enough. */
	onChangeRules: ((slot: SkuSlot) => void) | null;
	onChangeSharing: (() => void) | null;
}) {
	const { slots, formula, maySell } = sku;
	const there = Math.max(0, formula.onHand - formula.reserved);
	const isSafe = maySell <= there && sku.exposure.units === 0;
	const tooMany = [
		...new Set(
			slots
				.filter(({ isPushed, shows, units }) => !isPushed && (shows ?? 0) * units > there)
				.map(({ channel }) => channel.name),
		),
	];
	const largest = Math.max(1, ...slots.map(({ bound, doubt }) => bound + doubt));
	return (
		<Panel
			title="What each channel may still sell"
			tag={slots.length > 0 ? <Sharing sharing={sku.sharing} onChange={onChangeSharing} /> : undefined}
			hint={paceOf(sku)}
			footer={
				slots.length > 0 ? (
					<span className="flex flex-1 flex-wrap justify-between gap-x-4">
						<span>
							{isSafe ? (
								<>
									Together <b className="num text-text">{formatNumber(maySell)}</b> of{" "}
									<b className="num text-text">{formatNumber(there)}</b>: none can be sold twice, however late the news.
								</>
							) : tooMany.length > 0 ? (
								<>
									{tooMany.join(" and ")} {tooMany.length === 1 ? "shows" : "show"} more than the{" "}
									<b className="num text-text">{formatNumber(there)}</b> that there are, and pushing is off there: what
									is not there can be sold.
								</>
							) : sku.sharing.isEscrow ? (
								<>
									They split <b className="num text-text">{formatNumber(there)}</b>. Until each store's orders are read
									once more, up to <b className="num text-text">{formatNumber(maySell)}</b> may have been sold already.
								</>
							) : (
								<>
									They all sell from the same <b className="num text-text">{formatNumber(there)}</b>. Only what sells
									while the news of another sale travels can be sold twice.
								</>
							)}
						</span>
						<Exposure sku={sku} isUrgent={tooMany.length > 0} onChange={onChangeSharing} />
						{sku.sharing.backAt !== null && (
							<span title={whyWords(sku.sharing)}>
								Back to shared at <b className="num text-text">{formatNumber(sku.sharing.backAt)}</b>
							</span>
						)}
					</span>
				) : undefined
			}
		>
			{slots.length === 0 ? (
				<PanelState
					kind="empty"
					sentence="No listing is linked to it yet."
					detail="Link one, and its channel is told this number."
					action={<ButtonLink href={`/mappings?q=${encodeURIComponent(sku.code)}`}>Link a listing</ButtonLink>}
				/>
			) : (
				<TableScroll label="Channels that sell it">
					<Table>
						<Thead>
							<tr>
								<Th>Channel</Th>
								<Th isNumber>Shows</Th>
								<Th>May sell</Th>
								<Th className="max-md:hidden">Last told</Th>
								<Th className="max-md:hidden">How it is written</Th>
							</tr>
						</Thead>
						<Tbody>
							{slots.map((slot) => (
								<tr key={slot.slotId}>
									<Td className="w-full max-w-0 min-w-32">
										<span className="flex min-w-0 items-center gap-2">
											<PlatformPlate platform={slot.channel.platform} label="" />
											{slot.url ? (
												<a href={slot.url} target="_blank" rel="noreferrer" className="truncate hover:underline">
													{slot.channel.name}
												</a>
											) : (
												<span className="truncate">{slot.channel.name}</span>
											)}
											{slot.units > 1 && <Tag isNumber>×{slot.units}</Tag>}
										</span>
									</Td>
									<Td isNumber>
										<OfferNumber slot={slot} onChangeRules={onChangeRules && (() => onChangeRules(slot))} />
									</Td>
									<Td>
										<Blocks slot={slot} largest={largest} />
									</Td>
									<Td className="max-md:hidden">
										<span className="flex items-center gap-2 text-muted">
											<StateShape kind={slot.shape} label={slot.word ?? "in step"} />
											{slot.word ?? (slot.toldAt === null ? "never had to be" : <RelativeTime at={slot.toldAt} />)}
										</span>
									</Td>
									<Td className="min-w-24 text-small leading-4 whitespace-normal! text-muted max-md:hidden">
										{slot.write}
									</Td>
								</tr>
							))}
						</Tbody>
					</Table>
				</TableScroll>
			)}
		</Panel>
	);
}

/** Exposure now and over the day, and what makes it none. A bundle has that of its components. */
function Exposure({
	sku,
	isUrgent,
	onChange,
}: {
	sku: SkuView;
	/** It won't go by itself: some store shows what is not there, and is not pushed to. */
	isUrgent: boolean;
	onChange: (() => void) | null;
}) {
	const { units, unitSeconds } = sku.exposure;
	if (sku.isBundle) return null;
	const isInBundle = sku.bundles.length > 0;
	return (
		<span title={exposureMeaning(units)}>
			Exposure <b className={units > 0 && isUrgent ? "num text-warn" : "num text-text"}>{formatNumber(units)}</b> now,{" "}
			{unitTime(unitSeconds)} in 24 h{isInBundle && ", its bundles included"}
			{units > 0 && !sku.sharing.isEscrow && onChange && (
				<>
					{" · "}
					<button type="button" onClick={onChange} className="touch rounded-sm underline underline-offset-3">
						Split it
					</button>
				</>
			)}
		</span>
	);
}

/** Shared or split, and why; opens what can be chosen. */
function Sharing({ sharing, onChange }: { sharing: SkuView["sharing"]; onChange: (() => void) | null }) {
	const word = sharing.isEscrow ? "escrow" : "shared";
	const why = whyWords(sharing);
	const tag = (
		<span title={why}>
			<Tag tone={sharing.isEscrow ? "go" : "plain"}>{word}</Tag>
		</span>
	);
	if (!onChange) return tag;
	return (
		<button
			type="button"
			onClick={onChange}
			aria-label={`${why} Change how stores share it`}
			className="rounded-sm hover:underline"
		>
			{tag}
		</button>
	);
}

/** Up to so many units are drawn one by one; beyond, a bar is read faster than it is counted. */
const mostBlocks = 12;

/** Solid: may be sold for certain. Hatched: in doubt until a write is confirmed. */
function Blocks({ slot: { bound, doubt }, largest }: { slot: SkuSlot; largest: number }) {
	const label = `${countOf(bound, "unit")}${doubt > 0 ? `, and ${formatNumber(doubt)} in doubt` : ""}`;
	if (largest > mostBlocks)
		return (
			<span role="img" aria-label={label} title={label} className="flex h-3.5 w-28 gap-px max-md:w-20">
				<span className="rounded-[2px] bg-ok" style={{ width: `${(bound / largest) * 100}%` }} />
				<span className="rounded-[2px] text-warn hatched" style={{ width: `${(doubt / largest) * 100}%` }} />
			</span>
		);
	return (
		<span role="img" aria-label={label} title={label} className="flex h-3.5 w-37 gap-0.5 max-md:w-24">
			{Array.from({ length: bound + doubt }, (_, at) => (
				<span
					// biome-ignore lint/suspicious/noArrayIndexKey: units without identity
					key={at}
					className={at < bound ? "w-2.5 rounded-[2px] bg-ok" : "w-2.5 rounded-[2px] text-warn hatched"}
				/>
			))}
		</span>
	);
}

function paceOf({ soldPerHour, newsTravelsMs }: SkuView): string {
	const pace =
		soldPerHour === 0 ? "none sold in a day" : `${soldPerHour.toFixed(soldPerHour < 10 ? 1 : 0)} sold an hour`;
	return newsTravelsMs === null ? pace : `${pace} · news travels ${duration(newsTravelsMs)}`;
}
