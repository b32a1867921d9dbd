"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useShell } from "@/components/layout/shell-context";
import { Button, ButtonLink } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Change, Delta, Num } from "@/components/ui/num";
import { PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { Table, TableScroll, Tbody, Td, Th, Thead, Tr } from "@/components/ui/table";
import { changeWords } from "@/lib/format/channel-health";
import { countOf, formatNumber } from "@/lib/format/number";
import { hasSeveralLocations } from "@/lib/format/setup-step";
import { channelsKey, type DryRun, dryRunQuery, type Setup } from "@/lib/queries/channels";
import { type Confirmed, isUnusual } from "@/lib/stock/dry-run";
import { orThrow, type SetupActions } from "../channel-actions";
import { Problem } from "../connect/problem";
import { stepHref, WizardPanel } from "../connect/wizard-panel";
import { DryRunGroups } from "./dry-run-groups";

/** What would change in the store, before anything does; only who has seen it can switch pushing on (R12). */
export function DryRunStep({ setup, actions }: { setup: Setup; actions: SetupActions }) {
	const { channel } = setup;
	const client = useQueryClient();
	const { me } = useShell();
	const mayManage = me.role === "owner" || me.role === "manager";
	const { data: run, error } = useQuery(dryRunQuery(channel.id));
	// By its numbers: should much more come to change meanwhile, the tick is gone.
	const [confirmed, setConfirmed] = useState<Confirmed>();
	const isLive = channel.state === "live";
	const isReadOnly = channel.state === "read_only";

	// Seen is what was on this screen: once, when the rows are.
	const hasSeen = useRef(false);
	const { seeDryRun } = actions;
	useEffect(() => {
		if (!run || hasSeen.current || !mayManage || !isReadOnly) return;
		hasSeen.current = true;
		void seeDryRun(channel.id);
	}, [run, mayManage, isReadOnly, seeDryRun, channel.id]);

	const switchOn = useMutation({
		mutationFn: () => orThrow(actions.switchPushingOn(channel.id, confirmed)),
		onSettled: () => client.invalidateQueries({ queryKey: channelsKey }),
	});
	const needsConfirming = run !== undefined && isUnusual(run) && !isLive;
	const hasConfirmed = run !== undefined && confirmed !== undefined && !isUnusual(run, confirmed);
	const isReady = isReadOnly && run !== undefined && mayManage && (!needsConfirming || hasConfirmed);

	return (
		<WizardPanel
			platform={channel.platform}
			name={channel.name}
			step="dry-run"
			channelId={channel.id}
			hasLocations={hasSeveralLocations(channel.locations)}
			back={stepHref(channel.id, "match")}
			isWide
			next={
				isLive ? (
					<ButtonLink kind="ink" href="/channels">
						Done
					</ButtonLink>
				) : (
					<Button
						kind={run?.compared === 0 ? "plain" : "ink"}
						onClick={() => switchOn.mutate()}
						disabled={!isReady}
						isBusy={switchOn.isPending}
					>
						Switch pushing on
					</Button>
				)
			}
		>
			{isLive ? (
				<p className="flex items-center gap-3 border-b px-3.5 py-3">
					<StateShape kind="ok" />
					<span>
						<span className="font-semibold">Pushing is on.</span> From now on a sale anywhere reaches {channel.name} by
						itself.
					</span>
				</p>
			) : (
				<Summary run={run} name={channel.name} isReading={!isReadOnly} />
			)}
			{run && run.listings > 0 && <DryRunGroups run={run} channelId={channel.id} />}
			<Problem sentence={switchOn.error?.message ?? (run ? undefined : error?.message)} />
			{needsConfirming && (
				<div className="flex items-start gap-2 border-b bg-warn-soft px-3.5 py-2.5">
					<StateShape kind="warn" className="mt-1" />
					<Checkbox
						label={`This is an unusual share of the catalogue. I have looked at it: ${changeWords(run.groups)}.`}
						isChecked={hasConfirmed}
						onChange={(isTicked) => setConfirmed(isTicked ? { changes: run.changes, toZero: run.toZero } : undefined)}
					/>
				</div>
			)}
			{run && run.split > 0 && !isLive && (
				<p className="border-b px-3.5 py-2.5 text-small text-muted">
					{countOf(run.split, "listing is", "listings are")} of SKUs that your stores split at the moment: there each
					shows its part. This store gets its own once pushing is on; until the others have given it up, it shows none.
				</p>
			)}
			{run ? <Rows run={run} isLive={isLive} channelId={channel.id} /> : <SkeletonRows rows={8} />}
			{!mayManage && !isLive && (
				<p className="border-t px-3.5 py-2.5 text-small text-muted">An owner or a manager can switch pushing on.</p>
			)}
		</WizardPanel>
	);
}

function Summary({ run, name, isReading }: { run: DryRun | undefined; name: string; isReading: boolean }) {
	return (
		<div className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b px-3.5 py-3">
			<p>
				<Num value={run?.changes} className="text-number font-semibold" />
				<span className="ml-2 text-muted">
					{run?.changes === 1 ? "quantity" : "quantities"} would change in {name}
				</span>
			</p>
			{isReading && <p className="text-warn">The listings are still being read.</p>}
		</div>
	);
}

function Rows({ run, isLive, channelId }: { run: DryRun; isLive: boolean; channelId: string }) {
	if (run.rows.length === 0)
		return (
			<PanelState
				kind="empty"
				sentence={
					run.compared === 0
						? "No linked listing has a count on both sides yet."
						: isLive
							? "The store shows what it ought to."
							: "Nothing would change: the store shows the right numbers already."
				}
				action={
					run.compared === 0 && (
						<ButtonLink kind="ink" href={stepHref(channelId, "match")}>
							Link listings
						</ButtonLink>
					)
				}
			/>
		);
	return (
		<>
			<TableScroll label="What would change" className="max-h-[50dvh] overflow-y-auto">
				<Table>
					<Thead>
						<tr>
							<Th>Listing</Th>
							<Th className="max-md:hidden">Their SKU</Th>
							<Th className="max-md:hidden">Your SKU</Th>
							<Th isNumber>Shows → will show</Th>
							<Th isNumber className="max-md:hidden">
								Change
							</Th>
						</tr>
					</Thead>
					<Tbody>
						{run.rows.map((row) => (
							<Tr key={row.slotId}>
								<Td className="max-w-80 truncate">{row.listingTitle}</Td>
								<Td className="num text-muted max-md:hidden">{row.listingSku ?? "—"}</Td>
								<Td className="num max-md:hidden">{row.skuCode}</Td>
								<Td isNumber className={row.offered === 0 ? "text-bad" : undefined}>
									{row.isSplit ? (
										<>
											{formatNumber(row.shown)} → <span className="text-muted">a part of</span>{" "}
											{formatNumber(row.offered)}
										</>
									) : (
										<Change from={row.shown} to={row.offered} />
									)}
								</Td>
								<Td isNumber className="max-md:hidden">
									{row.isSplit ? <span className="text-muted">split</span> : <Delta value={row.offered - row.shown} />}
								</Td>
							</Tr>
						))}
					</Tbody>
				</Table>
			</TableScroll>
			<p className="border-t px-3.5 py-2.5 text-small text-muted">
				{run.changes > run.rows.length &&
					`The ${formatNumber(run.rows.length)} largest of ${formatNumber(run.changes)}. `}
				{isLive
					? "These are on their way."
					: "Nothing but these is written. Values are live; look again if you come back after an hour."}
			</p>
		</>
	);
}
