"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useCallback, useEffect, useRef, useState, useTransition } from "react";
import { answered } from "@/components/layout/answered";
import { usePageShortcuts } from "@/components/layout/page-shortcuts";
import { useShell } from "@/components/layout/shell-context";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { PanelState } from "@/components/ui/panel";
import { TabLinks } from "@/components/ui/tabs";
import { showDone, showFailed, withdrawUndo } from "@/components/ui/toast";
import {
	type ConflictItem,
	type ConflictTab,
	conflictListQuery,
	conflictQuery,
	conflictsKey,
} from "@/lib/queries/conflicts";
import { shellQuery } from "@/lib/queries/shell";
import { CalmPanel } from "./calm-panel";
import { ConflictDetail } from "./conflict-detail";
import { ConflictList } from "./conflict-list";
import { DecidePanel } from "./decide-panel";
import { aboutWords, reopenedWords, settledWords } from "./done-words";

type Outcome<T> = Promise<{ ok: true; value: T } | { ok: false; sentence: string }>;
export type ConflictActions = {
	decide: (input: {
		ids: string[];
		choice: string;
		value?: number;
		skuId?: string;
		note?: string;
	}) => Outcome<{ decided: number; leftOver: number }>;
	undo: (input: { ids: string[] }) => Outcome<{ reopened: number }>;
	snooze: (input: { ids: string[]; until: number | null }) => Outcome<void>;
	escalate: (input: { ids: string[]; isEscalated: boolean }) => Outcome<void>;
};

/** `about`: a SKU, or how many conflicts. */
type Decided = { ids: string[]; about: string };

const tabs = ["open", "snoozed", "settled"] as const satisfies readonly ConflictTab[];
const urlState = {
	tab: parseAsStringLiteral(tabs).withDefault("open"),
	id: parseAsString,
};
const snoozeMs = 4 * 3_600_000;

/** What must I decide, and what follows from it? */
export function ConflictsView({ actions }: { actions: ConflictActions }) {
	const client = useQueryClient();
	const { me } = useShell();
	const mayDecide = me.role !== "viewer";
	const [url, setUrl] = useQueryStates(urlState, { history: "replace" });
	const { data: list, error, refetch } = useQuery(conflictListQuery(url.tab));
	const items = list?.items ?? [];
	const asked = items.findIndex((item) => item.id === url.id || item.ids.includes(url.id ?? ""));
	// A link may name one that is not in this list: settled since, or snoozed. It is shown all the same.
	const item = asked >= 0 ? items[asked] : url.id === null ? items[0] : undefined;
	const at = item ? items.indexOf(item) : -1;
	const shownId = item?.id ?? url.id;
	const { data: conflict, error: conflictError } = useQuery({
		...conflictQuery(shownId ?? ""),
		enabled: shownId !== null && shownId !== undefined,
	});
	const [chosen, setChosen] = useState<{ id: string; index: number } | null>(null);
	const isLoaded = conflict !== undefined && conflict.id === shownId;
	const isChosenHere = chosen !== null && chosen.id === shownId;
	const optionIndex = isLoaded && isChosenHere && conflict.options[chosen.index] ? chosen.index : 0;
	const [isBusy, startWork] = useTransition();
	const detail = useRef<HTMLDivElement>(null);

	const select = (next: ConflictItem | undefined) => next && void setUrl({ id: next.id });
	const step = (by: number) => select(items[Math.min(items.length - 1, Math.max(0, at + by))]);

	const refresh = useCallback(
		() =>
			Promise.all([
				client.invalidateQueries({ queryKey: conflictsKey }),
				client.invalidateQueries({ queryKey: shellQuery().queryKey }),
			]),
		[client],
	);

	/** Does it and says what was done, with a way back; `moveOn` where what it was done to leaves the list. */
	const work = (
		act: () => Outcome<unknown>,
		done: { sentence: string; detail?: string; undo?: () => void },
		moveOn?: () => Promise<unknown>,
	) => {
		acts.current += 1;
		const turn = acts.current;
		startWork(async () => {
			const outcome = await answered(act());
			// Whoever was faster than the answer has gone on already.
			const isLatest = turn === acts.current;
			if (!outcome.ok) {
				showFailed("It was not done", { detail: outcome.sentence });
				await refresh();
				return;
			}
			if (isLatest) await moveOn?.();
			await refresh();
			showDone(done.sentence, { detail: done.detail, undo: isLatest ? done.undo : undefined });
		});
	};
	const acts = useRef(0);

	/** From what is settled with `ids` to the next one, unless another was selected meanwhile. */
	const toNext = (ids: string[]) => {
		const next = items[at + 1] ?? items[at - 1];
		return () => setUrl(({ id }) => (id === null || ids.includes(id) ? { id: next?.id ?? null } : {}));
	};

	/** What is open again is selected at once: the next keys are meant for it. */
	const undo = ({ ids, about }: Decided) => {
		withdrawUndo();
		lastDecided.current = null;
		setChosen(null);
		// Its toast outlives the page.
		if (window.location.pathname === "/conflicts") void setUrl({ tab: "open", id: ids[0] ?? null });
		work(() => actions.undo({ ids }), reopenedWords(about));
	};

	const decide = (input: { choice: string; value?: number; skuId?: string; note?: string }) => {
		if (!conflict) return;
		const ids = item?.ids ?? [conflict.id];
		const decided = { ids, about: aboutWords(conflict.name, ids.length) };
		const option = conflict.options.find(({ choice }) => choice === input.choice);
		const isForGood = input.choice === "relink" || input.choice === "leave_out";
		lastDecided.current = isForGood ? null : decided;
		work(
			() => actions.decide({ ids, ...input }),
			{ ...settledWords(decided.about, input, option), undo: isForGood ? undefined : () => undo(decided) },
			toNext(ids),
		);
	};
	const lastDecided = useRef<Decided | null>(null);

	/** The settled one that is looked at, if it can be; else the last decision that was made here. */
	const takeBack = () => {
		const isShown = isLoaded && !isBusy && typeof conflict.decided?.undoUntil === "number";
		const decided = isShown ? { ids: [conflict.id], about: conflict.name } : lastDecided.current;
		if (decided) undo(decided);
	};

	const snooze = (until: number | null) => {
		if (!item || !mayDecide) return;
		const { ids } = item;
		work(
			() => actions.snooze({ ids, until }),
			{
				sentence: until === null ? "Back in the open ones" : "Snoozed for 4 hours",
				undo: until === null ? undefined : () => void actions.snooze({ ids, until: null }).then(refresh),
			},
			toNext(ids),
		);
	};
	const escalate = () => {
		if (!item || !mayDecide) return;
		const isEscalated = !item.isEscalated;
		startWork(async () => {
			const outcome = await actions.escalate({ ids: item.ids, isEscalated });
			if (!outcome.ok) showFailed("It was not done", { detail: outcome.sentence });
			await refresh();
		});
	};
	// A key may be faster than the answers are loaded, or taken back: it is kept, and holds once they are here.
	const pick = (index: number) => {
		if (shownId && (isBusy || !isLoaded || conflict.options[index])) setChosen({ id: shownId, index });
	};

	// Whoever chooses by key goes on by key: to what the answer asks for, or to what does it, as soon as it is there.
	const focusedFor = useRef<typeof chosen>(null);
	useEffect(() => {
		if (!chosen || !isChosenHere || !isLoaded || isBusy || focusedFor.current === chosen) return;
		focusedFor.current = chosen;
		const row = detail.current?.querySelector(`[data-option="${chosen.index}"]`);
		(row?.querySelector("input") ?? row?.querySelector<HTMLElement>("[data-decide]"))?.focus();
	}, [chosen, isChosenHere, isLoaded, isBusy]);

	usePageShortcuts("Conflicts", [
		{ keys: "j", shown: "J", label: "Next conflict", run: () => step(1) },
		{ keys: "k", shown: "K", label: "Conflict before", run: () => step(-1) },
		...[0, 1, 2, 3].map((index) => ({
			keys: String(index + 1),
			shown: String(index + 1),
			label: ["First answer", "Second answer", "Third answer", "Fourth answer"][index] ?? "",
			run: (event: KeyboardEvent) => {
				// Or the digit would be typed into what is focused next.
				event.preventDefault();
				pick(index);
			},
		})),
		{
			keys: "h",
			shown: "H",
			label: "Snooze for 4 hours",
			run: () => snooze(url.tab === "snoozed" ? null : Date.now() + snoozeMs),
		},
		{ keys: "e", shown: "E", label: "Ask an owner", run: escalate },
		{
			keys: "z",
			shown: "Z",
			label: "Take the last decision back",
			run: takeBack,
		},
	]);

	const counts = list?.counts;
	const size = item?.ids.length ?? 1;
	const evidence = isLoaded && <ConflictDetail conflict={conflict} size={size} />;
	return (
		<>
			<div className="flex items-center gap-3">
				<TabLinks
					label="Conflicts"
					current={url.tab}
					tabs={[
						{ key: "open", label: "Open", count: counts?.open, href: "/conflicts" },
						{ key: "snoozed", label: "Snoozed", count: counts?.snoozed, href: "/conflicts?tab=snoozed" },
						{ key: "settled", label: "Settled today", count: counts?.settled, href: "/conflicts?tab=settled" },
					]}
				/>
				<span className="ml-auto flex items-center gap-1 text-small text-muted max-lg:hidden">
					<Kbd>J</Kbd> <Kbd>K</Kbd> move · <Kbd>1</Kbd>–<Kbd>4</Kbd> choose · <Kbd>H</Kbd> snooze · <Kbd>E</Kbd> ask an
					owner · <Kbd>Z</Kbd> undo
				</span>
			</div>
			{error && !list ? (
				<section className="rounded-lg border bg-panel">
					<PanelState
						kind="failed"
						sentence="The conflicts could not be loaded."
						detail={error.message}
						action={<Button onClick={() => void refetch()}>Try again</Button>}
					/>
				</section>
			) : list && items.length === 0 && !url.id ? (
				<CalmPanel tab={url.tab} list={list} />
			) : (
				<div className="grid items-start gap-4 lg:grid-cols-[360px_minmax(0,1fr)]">
					<ConflictList items={items} selectedId={shownId ?? null} onSelect={select} />
					<div ref={detail} className="flex min-w-0 flex-col gap-4">
						{isLoaded ? (
							<>
								{conflict.decided === null && evidence}
								<DecidePanel
									key={conflict.id}
									conflict={conflict}
									size={size}
									chosen={optionIndex}
									onChoose={pick}
									onDecide={decide}
									onUndo={takeBack}
									onSnooze={() => snooze(conflict.state === "snoozed" ? null : Date.now() + snoozeMs)}
									onEscalate={escalate}
									mayDecide={mayDecide}
									isBusy={isBusy}
								/>
								{conflict.decided !== null && evidence}
							</>
						) : conflictError ? (
							<section className="rounded-lg border bg-panel">
								<PanelState
									kind="failed"
									sentence="This conflict could not be loaded."
									detail={conflictError.message}
								/>
							</section>
						) : (
							<section aria-busy className="h-75 rounded-lg border bg-panel" />
						)}
					</div>
				</div>
			)}
		</>
	);
}
