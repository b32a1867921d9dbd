"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { useNow, useTimeZone } from "@/components/ui/clock";
import { Delta, Num } from "@/components/ui/num";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { formatNumber } from "@/lib/format/number";
import { absoluteTime, clockTimeWithSeconds, shortDate } from "@/lib/format/time";
import { movementsQuery } from "@/lib/queries/skus";

/** The ledger of one SKU, newest first, each line with what was there after it. */
export function MovementsPanel({ skuId, sum }: { skuId: string; sum: number }) {
	const timeZone = useTimeZone();
	const today = shortDate(useNow(), timeZone);
	const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
		movementsQuery(skuId),
	);
	const movements = data?.pages.flatMap((page) => page.movements) ?? [];
	return (
		<Panel
			title="Movements"
			actions={<span className="num text-small!">sum {formatNumber(sum)}</span>}
			footer={
				hasNextPage ? (
					<Button kind="quiet" onClick={() => void fetchNextPage()} isBusy={isFetchingNextPage} className="-ml-2.75">
						Show older
					</Button>
				) : undefined
			}
		>
			{error && !data ? (
				<PanelState
					kind="failed"
					sentence="The movements could not be loaded."
					detail={error.message}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			) : !data ? (
				<SkeletonRows rows={6} rowClassName="h-8.5" />
			) : movements.length === 0 ? (
				<PanelState kind="empty" sentence="Nobody has counted it yet. The first count begins its ledger." />
			) : (
				<ol className="max-h-68 overflow-y-auto" aria-label="Movements, newest first">
					{movements.map((movement) => {
						const day = shortDate(movement.at, timeZone);
						return (
							<li
								key={movement.id}
								className="grid min-h-8.5 grid-cols-[62px_40px_minmax(0,1fr)_auto] items-center gap-2.5 border-b px-3.5 last:border-b-0"
							>
								<time
									dateTime={new Date(movement.at).toISOString()}
									title={absoluteTime(movement.at, timeZone)}
									className="num text-small text-muted"
								>
									{day === today ? clockTimeWithSeconds(movement.at, timeZone) : day}
								</time>
								<Delta value={movement.delta} className="text-right" />
								<span className="truncate" title={`${movement.sentence}, ${movement.location}`}>
									{movement.sentence}
								</span>
								<Num value={movement.balance} className="text-right text-muted" />
							</li>
						);
					})}
				</ol>
			)}
		</Panel>
	);
}
