"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { TableScroll } from "@/components/ui/table";
import { showDone } from "@/components/ui/toast";
import { countOf, formatNumber } from "@/lib/format/number";
import type { GridChannel } from "@/lib/matching/grid";
import { inventoryKey, startFromCatalogue } from "@/lib/queries/inventory";
import { mappingsKey } from "@/lib/queries/mappings";

/** One store's catalogue becomes the master: its listings become SKUs, its quantities become on hand. */
export function StartDialog({ channels, onClose }: { channels: readonly GridChannel[]; onClose: () => void }) {
	const client = useQueryClient();
	const [channelId, setChannelId] = useState(channels[0]?.id ?? "");
	const [isBusy, setIsBusy] = useState(false);
	const [failure, setFailure] = useState<string | null>(null);
	const preview = useQuery({
		queryKey: [...inventoryKey, "start", channelId],
		queryFn: () => startFromCatalogue(channelId, true),
		enabled: channelId !== "",
		staleTime: 0,
	});

	const start = async () => {
		setIsBusy(true);
		setFailure(null);
		try {
			const { made, units } = await startFromCatalogue(channelId, false);
			await Promise.all([
				client.invalidateQueries({ queryKey: inventoryKey }),
				client.invalidateQueries({ queryKey: mappingsKey }),
			]);
			showDone(`Made ${countOf(made, "SKU")}`, {
				detail: `${countOf(units, "unit")} counted in. The other stores were looked at for matches.`,
			});
			onClose();
		} catch (error) {
			setFailure(error instanceof Error ? error.message : "This did not work. Try again.");
		} finally {
			setIsBusy(false);
		}
	};

	const { data } = preview;
	return (
		<Dialog
			isOpen
			onOpenChange={(isOpen) => !isOpen && !isBusy && onClose()}
			title="Start from a store's catalogue"
			description="Choose the store whose catalogue and numbers you trust most. Nothing is written to any store by this."
			width="max-w-[560px]"
			footer={
				<>
					<Button onClick={onClose} disabled={isBusy}>
						Cancel
					</Button>
					<Button kind="ink" isBusy={isBusy} disabled={!data || data.made === 0} onClick={() => void start()}>
						Make {countOf(data?.made ?? 0, "SKU")}
					</Button>
				</>
			}
		>
			<Select
				label="Store"
				value={channelId}
				options={channels.map(({ id, name }) => ({ value: id, label: name }))}
				onChange={setChannelId}
			/>
			{(failure ?? preview.error) && (
				<p role="alert" className="mt-3 flex items-center gap-2 text-bad">
					<StateShape kind="off" />
					{failure ?? preview.error?.message}
				</p>
			)}
			{preview.isPending && channelId && <Skeleton className="mt-3 h-24 w-full" />}
			{data && (
				<div className="mt-3 flex flex-col gap-2">
					<p>
						<b>{countOf(data.made, "SKU")}</b> will be made and linked, with <b>{countOf(data.units, "unit")}</b> on
						hand
						{data.uncounted > 0 && `; ${formatNumber(data.uncounted)} without a count, since the store keeps none`}.
					</p>
					{data.flagged.length > 0 && (
						<>
							<p className="text-muted">
								{countOf(data.flagged.length, "listing")} {data.flagged.length === 1 ? "needs" : "need"} you and{" "}
								{data.flagged.length === 1 ? "is" : "are"} left alone:
							</p>
							<TableScroll label="Listings that need you" className="max-h-44 overflow-auto">
								<ul className="flex flex-col gap-1 text-small">
									{data.flagged.slice(0, 200).map((one) => (
										<li key={one.listingId} className="flex items-start gap-2">
											<StateShape kind="none" className="mt-0.5" />
											{one.sentence}
										</li>
									))}
								</ul>
							</TableScroll>
						</>
					)}
				</div>
			)}
		</Dialog>
	);
}
