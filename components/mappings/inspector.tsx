"use client";

import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useEffect, useState } from "react";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { PanelState } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import { countOf, formatNumber } from "@/lib/format/number";
import { differingParts } from "@/lib/matching/diff-words";
import {
	asPercent,
	type GridChannel,
	type LinkPreview,
	type Peek,
	type PeekListing,
	type PeekOther,
} from "@/lib/matching/grid";
import { type PeekTarget, peekQuery } from "@/lib/queries/mappings";
import { Score } from "./grid-cells";

/** Resting this long on a cell asks for its other side; flying over it does not. */
const restMs = 120;

export type InspectorActs = {
	accept: () => void;
	reject: () => void;
	unlink: () => void;
	leaveOut: () => void;
	search: () => void;
	/** One of the others, by its place. */
	choose: (other: PeekOther) => void;
};

/** Both sides of the focused cell: where they differ, why they may be one, and what linking does. */
export function Inspector({
	target,
	channels,
	acts,
	canChange,
	canLink,
	onOthers,
}: {
	target: PeekTarget | null;
	channels: readonly GridChannel[];
	acts: InspectorActs;
	canChange: boolean;
	canLink: boolean;
	/** What 2–5 would choose. */
	onOthers: (others: readonly PeekOther[]) => void;
}) {
	const rested = useRested(target);
	const { data: peek, error, isPending } = useQuery({ ...peekQuery(rested ?? noTarget), enabled: rested !== null });
	const others = peek?.others;
	useEffect(() => onOthers(others ?? []), [others, onOthers]);

	if (!target) return <p className="px-3.5 py-6 text-center text-muted">Choose a cell to compare its two sides.</p>;
	if (error) return <PanelState kind="failed" sentence={error.message} />;
	if (isPending || !peek || rested !== target) return <InspectorSkeleton />;
	const channel = channels.find(({ id }) => id === (peek.listing?.channelId ?? target.channelId)) ?? null;
	return (
		<div className="flex flex-col gap-4 px-3.5 py-3">
			<Head peek={peek} channel={channel} />
			{peek.listing && peek.sku && <Compare listing={peek.listing} sku={peek.sku} channel={channel} />}
			{!peek.listing && peek.sku && (
				<p className="text-small text-muted">
					No listing of {channel?.name ?? "this channel"} looks like {peek.sku.code}. Find one by hand, or it is not
					sold there.
				</p>
			)}
			{peek.listing && !peek.sku && (
				<p className="text-small text-muted">
					{[peek.listing.title, peek.listing.options].filter(Boolean).join(", ")}
					{peek.listing.price && `, ${peek.listing.price}`}. {channel?.name} shows <Strong>{peek.listing.shows}</Strong>
					, read <RelativeTime at={peek.listing.seenAt} />. No SKU of yours is clearly it.
				</p>
			)}
			{peek.proposal && peek.listing?.link?.state !== "linked" && <Why proposal={peek.proposal} />}
			<Consequence peek={peek} channel={channel} />
			<Buttons peek={peek} acts={acts} canChange={canChange} canLink={canLink} />
			{peek.others.length > 0 && canLink && (
				<Section title="Others">
					<ol className="flex flex-col gap-0.5">
						{peek.others.map((other, at) => (
							<li key={`${other.listingId} ${other.skuId}`}>
								<button
									type="button"
									onClick={() => acts.choose(other)}
									className="touch flex w-full items-center gap-2 rounded-md px-1 py-0.5 text-left text-small hover:bg-sunk"
								>
									<Kbd>{at + 1}</Kbd>
									<span className="min-w-0 flex-1">
										<span className="num block truncate">{other.name}</span>
										<span className="block truncate text-muted">{other.title}</span>
									</span>
									<span className="num text-muted">{asPercent(other.score)}</span>
								</button>
							</li>
						))}
					</ol>
				</Section>
			)}
		</div>
	);
}

const noTarget: PeekTarget = { listingId: null, skuId: null, channelId: null };

function useRested(target: PeekTarget | null): PeekTarget | null {
	const [rested, setRested] = useState(target);
	useEffect(() => {
		const timer = setTimeout(() => setRested(target), restMs);
		return () => clearTimeout(timer);
	}, [target]);
	return rested;
}

function Head({ peek, channel }: { peek: Peek; channel: GridChannel | null }) {
	const { listing, proposal } = peek;
	return (
		<div className="flex min-w-0 items-center gap-2">
			{channel && <PlatformPlate platform={channel.platform} label={channel.name} />}
			<b className="num truncate">{listing ? listing.sku || listing.title : (channel?.name ?? "")}</b>
			{listing?.url && (
				<a
					href={listing.url}
					target="_blank"
					rel="noreferrer"
					aria-label="Open it in the store"
					className="touch shrink-0 text-muted hover:text-text"
				>
					<ExternalLink aria-hidden className="size-3.5" />
				</a>
			)}
			<span className="ml-auto shrink-0">
				{listing?.link?.state === "linked" ? (
					<Tag tone="ok">linked</Tag>
				) : listing?.link?.state === "left_out" ? (
					<Tag>left out</Tag>
				) : (
					proposal && <Score score={proposal.score} />
				)}
			</span>
		</div>
	);
}

function Compare({
	listing,
	sku,
	channel,
}: {
	listing: PeekListing;
	sku: NonNullable<Peek["sku"]>;
	channel: GridChannel | null;
}) {
	const full = ({ title, options }: { title: string; options: string | null }) =>
		[title, options].filter(Boolean).join(", ");
	const gtin = (text: string | null) => text?.replace(/^0+(?=\d{8})/, "") ?? null;
	const rows: { name: string; ours: string | null; theirs: string | null; isCode: boolean }[] = [
		{ name: "Title", ours: full(sku), theirs: full(listing), isCode: false },
		{ name: "SKU", ours: sku.code, theirs: listing.sku, isCode: true },
		{ name: "GTIN", ours: gtin(sku.gtin), theirs: gtin(listing.gtin), isCode: true },
		{ name: "Price", ours: null, theirs: listing.price, isCode: true },
	];
	return (
		<table className="w-full table-fixed border-separate border-spacing-0 rounded-lg border text-small">
			<thead>
				<tr className="text-left">
					<th className="w-14 border-b px-2 py-1.25">
						<span className="sr-only">What</span>
					</th>
					<th className="border-b px-2 py-1.25 font-semibold">Ours</th>
					<th className="truncate border-b px-2 py-1.25 font-semibold">{channel?.name ?? "Theirs"}</th>
				</tr>
			</thead>
			<tbody className="[&>tr:last-child>*]:border-b-0">
				{rows
					.filter(({ ours, theirs }) => ours || theirs)
					.map(({ name, ours, theirs, isCode }) => (
						<tr key={name} className="align-top">
							<th className="border-b px-2 py-1.25 text-left font-normal text-muted">{name}</th>
							<Side text={ours} isCode={isCode} />
							<Side text={theirs} other={ours} isCode={isCode} />
						</tr>
					))}
			</tbody>
		</table>
	);
}

/** Theirs is marked where ours does not say it. */
function Side({ text, other, isCode }: { text: string | null; other?: string | null; isCode: boolean }) {
	const parts =
		text && other ? differingParts(text, other, { isLoose: !isCode }) : [{ text: text || "—", isDifferent: false }];
	return (
		<td className={`border-b px-2 py-1.25 break-words ${isCode ? "num" : ""}`}>
			{parts.map((part, at) =>
				// biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text
				part.isDifferent ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>,
			)}
		</td>
	);
}

function Why({ proposal }: { proposal: NonNullable<Peek["proposal"]> }) {
	return (
		<Section title={proposal.isAmbiguous ? "Why it is not clear" : "Why"}>
			<ul className="flex flex-col gap-1 text-small">
				{proposal.reasons.map((reason) => (
					<li key={reason} className="flex items-start gap-2">
						<StateShape kind={speaksFor(reason) ? "ok" : "warn"} className="mt-0.5" />
						{reason}
					</li>
				))}
			</ul>
		</Section>
	);
}

/** Reasons against begin in few ways (lib/matching). */
const speaksFor = (reason: string) =>
	!/differ|check the units|\d+ listings|\d+ SKUs|already|another's|equally/.test(reason);

function Consequence({ peek, channel }: { peek: Peek; channel: GridChannel | null }) {
	const { listing, preview } = peek;
	if (preview) return <WhatLinkingDoes preview={preview} channel={channel} isManaged={listing?.isManaged ?? true} />;
	if (!listing?.link) return null;
	const { link } = listing;
	return (
		<Section title={link.state === "linked" ? "As it stands" : "Left out"}>
			<p className="text-small text-muted">
				{link.state === "linked" ? (
					<>
						{link.units > 1 && `Each one takes ${link.units} units. `}
						{channel?.name} shows <Strong>{listing.shows}</Strong>
						{listing.offered !== null && listing.offered !== listing.shows && (
							<>
								{" "}
								and ought to show <Strong>{listing.offered}</Strong>
							</>
						)}
						.{" "}
					</>
				) : (
					<>{link.reason}. </>
				)}
				By {link.by}, <RelativeTime at={link.at} />.
			</p>
		</Section>
	);
}

function WhatLinkingDoes({
	preview,
	channel,
	isManaged,
}: {
	preview: LinkPreview;
	channel: GridChannel | null;
	isManaged: boolean;
}) {
	const name = channel?.name ?? "The channel";
	const { shows, willShow, parkedLines, parkedUnits } = preview;
	const when = channel?.isPushing ? "at the next push" : "once pushing is on";
	return (
		<Section title="What linking does">
			<p className="text-small text-muted">
				{!isManaged ? (
					`${name} keeps no count for it, so nothing is written.`
				) : willShow === null ? (
					`${preview.sku} is not counted yet, so nothing is written until it is.`
				) : shows === willShow ? (
					<>
						{name} shows <Strong>{shows}</Strong>, and that is right.
					</>
				) : (
					<>
						{name} shows <Strong>{shows}</Strong> → will be set to <Strong>{willShow}</Strong> {when}.
					</>
				)}{" "}
				{parkedLines > 0
					? `${countOf(parkedLines, "order line")} waited for it: ${countOf(parkedUnits, "unit")} will be counted.`
					: "No order waits for it."}
			</p>
		</Section>
	);
}

const Strong = ({ children }: { children: number | null }) => (
	<b className="num text-text">{children === null ? "nothing yet" : formatNumber(children)}</b>
);

function Buttons({
	peek,
	acts,
	canChange,
	canLink,
}: {
	peek: Peek;
	acts: InspectorActs;
	canChange: boolean;
	canLink: boolean;
}) {
	const link = peek.listing?.link;
	const isProposed = peek.proposal !== null && !link;
	if (!canLink)
		return (
			<p className="text-small text-muted">
				To link listings you need the role support or above; an owner can give it to you.
			</p>
		);
	return (
		<div className="flex flex-wrap gap-2">
			{isProposed && (
				<>
					<Button kind="ink" hint="A" className="flex-1" onClick={acts.accept}>
						Accept
					</Button>
					<Button hint="X" onClick={acts.reject}>
						Reject
					</Button>
				</>
			)}
			{!isProposed && (
				<Button kind={link ? "plain" : "ink"} hint="Enter" className="flex-1" onClick={acts.search}>
					{link?.state === "linked" ? "Link to another" : "Find by hand"}
				</Button>
			)}
			{link && canChange && (
				<Button hint="Del" onClick={acts.unlink}>
					{link.state === "linked" ? "Unlink" : "Take back in"}
				</Button>
			)}
			{isProposed && (
				<Button hint="Enter" onClick={acts.search}>
					Find another
				</Button>
			)}
			{peek.listing && !link && canChange && (
				<Button kind="quiet" hint="L" onClick={acts.leaveOut}>
					Leave out
				</Button>
			)}
			{peek.sku && link?.state === "linked" && (
				<Link
					href={`/inventory/${peek.sku.id}`}
					className="touch self-center text-small underline decoration-dotted underline-offset-3"
				>
					Open {peek.sku.code}
				</Link>
			)}
		</div>
	);
}

function Section({ title, children }: { title: string; children: ReactNode }) {
	return (
		<section className="flex flex-col gap-1">
			<h3>{title}</h3>
			{children}
		</section>
	);
}

function InspectorSkeleton() {
	return (
		<div aria-busy className="flex flex-col gap-4 px-3.5 py-3">
			<Skeleton className="h-5 w-3/5" />
			<Skeleton className="h-36 w-full" />
			<Skeleton className="h-4 w-1/4" />
			<Skeleton className="h-10 w-full" />
			<Skeleton className="h-7.5 w-full" />
		</div>
	);
}
