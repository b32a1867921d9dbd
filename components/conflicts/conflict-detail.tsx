"use client";

import { clsx } from "clsx";
import Link from "next/link";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { Num } from "@/components/ui/num";
import { Panel } from "@/components/ui/panel";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import { countOf } from "@/lib/format/number";
import type { ConflictColumn, ConflictView } from "@/lib/queries/conflicts";
import { Timeline } from "./timeline";

/** The evidence: how it came about, and what each side says. */
export function ConflictDetail({ conflict, size }: { conflict: ConflictView; size: number }) {
	const { timeline, columns, sku, orderNumber, escalated } = conflict;
	const isSettled = conflict.decided !== null;
	const log = new URLSearchParams({ q: orderNumber ? `order:${orderNumber}` : "cause:conflict" });
	return (
		<Panel
			lead={<StateShape kind={conflict.shape} />}
			title={conflict.headline}
			actions={
				conflict.measure ? (
					<Tag tone={isSettled ? "plain" : conflict.kind === "oversold" ? "bad" : "warn"}>{conflict.measure}</Tag>
				) : undefined
			}
			footer={
				<>
					{size > 1 && (
						<span>The first of {countOf(size, "conflict")} of one cause; one decision settles them all.</span>
					)}
					{escalated && <span>{escalated.by} asked an owner to look at it.</span>}
					<span className="ml-auto flex gap-3">
						{conflict.unreadOrders.length > 0 && (
							<Link
								href="/activity?q=cause:channel+outcome:drift"
								className="touch rounded-sm font-medium hover:underline"
							>
								Have {conflict.unreadOrders.length === 1 ? `order ${conflict.unreadOrders[0]}` : "the orders"} read once
								more
							</Link>
						)}
						{sku && (
							<Link href={`/inventory/${sku.id}`} className="touch rounded-sm hover:underline">
								Open the SKU
							</Link>
						)}
						<Link href={`/activity?${log}`} className="touch rounded-sm hover:underline">
							What the log says
						</Link>
					</span>
				</>
			}
		>
			{timeline.length > 1 && <Timeline moments={timeline} />}
			{columns.length > 0 && (
				<div className={clsx("grid md:grid-cols-3", timeline.length > 1 && "border-t")}>
					{columns.map((column) => (
						<Column key={column.label} column={column} isSettled={isSettled} />
					))}
				</div>
			)}
			{columns.length === 0 && !isSettled && (
				<p className="px-3.5 py-3 text-muted">
					{conflict.kind === "push_refused"
						? "It is left out of every write until somebody decides; everything else goes on."
						: "Nothing is pushed to it, and its sales wait, until somebody says which SKU it is."}
				</p>
			)}
		</Panel>
	);
}

function Column({ column, isSettled }: { column: ConflictColumn; isSettled: boolean }) {
	const { label, value, title, note, platform, hasMoved } = column;
	return (
		<div
			className={clsx(
				"border-r px-4 py-3.5 last:border-r-0 max-md:border-r-0 max-md:border-b max-md:last:border-b-0",
				hasMoved && !isSettled && "bg-warn-soft",
			)}
		>
			<div className="flex items-center gap-1.5 text-small text-muted">
				<span className="truncate">{label}</span>
				{hasMoved && <span className={clsx("shrink-0", !isSettled && "text-warn")}>moved</span>}
			</div>
			{title === null ? (
				<Num value={value} className="block text-[30px] leading-9 font-semibold tracking-[-0.04em]" />
			) : (
				<div className="mt-1.5 flex items-center gap-2">
					{platform && <PlatformPlate platform={platform} />}
					<b className="truncate">{title}</b>
				</div>
			)}
			<div className="text-small text-muted">{note}</div>
		</div>
	);
}
