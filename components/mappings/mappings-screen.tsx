"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { startTransition, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useShell } from "@/components/layout/shell-context";
import { Button, IconButton } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { Panel } from "@/components/ui/panel";
import { Segments } from "@/components/ui/segments";
import { showDone, showFailed } from "@/components/ui/toast";
import { useIsWide } from "@/components/ui/use-viewport";
import { countOf } from "@/lib/format/number";
import type { GridChannel, PeekOther } from "@/lib/matching/grid";
import { actOnMappings, mappingsKey, stateCountsQuery } from "@/lib/queries/mappings";
import { AcceptDialog } from "./accept-dialog";
import { columnsFor, decidedIn, isOpen, isSkuRow, listingsIn, peekTargetOf, wishOf } from "./cells";
import { GridPanel } from "./grid-panel";
import type { CellPlace } from "./grid-row";
import { HistoryDialog } from "./history-dialog";
import { Inspector, type InspectorActs } from "./inspector";
import { LeaveOutDialog } from "./leave-out-dialog";
import { type Found, LinkSearch, type SearchFor } from "./link-search";
import { type LinkSource, LinksDialog } from "./links-dialog";
import type { GridHandle } from "./mapping-grid";
import { gridFilterOf, loadMappingParams, mappingParams } from "./mapping-params";
import { MappingsToolbar } from "./mappings-toolbar";
import { findOpen, findRow, followHere, searchFor, segmentsOf, wishesFrom } from "./screen-parts";
import { useGridKeys } from "./use-grid-keys";
import { useGridRows, useVisibleRefresh } from "./use-grid-rows";
import { type CellRef, useMappingActs } from "./use-mapping-acts";

/** Cells that one act takes from a selection; more is for "Accept … above 95 %", which works on the server. */
const mostCells = 2_000;

type Open =
	| { kind: "accept" | "history" }
	| { kind: "links"; source: LinkSource }
	| { kind: "leave-out"; cells: CellRef[] }
	| { kind: "search"; search: SearchFor; cell: CellRef };

/** What is not linked, and may I trust the guess? */
export function MappingsScreen({ channels: all }: { channels: readonly GridChannel[] }) {
	const client = useQueryClient();
	const { role } = useShell().me;
	const canLink = role !== "viewer";
	const canChange = role === "owner" || role === "manager";
	const [params, setParams] = useQueryStates(mappingParams);
	const filterKey = JSON.stringify(gridFilterOf(params));
	const filter = useMemo((): ReturnType<typeof gridFilterOf> => JSON.parse(filterKey), [filterKey]);
	const channels = useMemo(
		() => all.filter(({ id }) => filter.channelIds.length === 0 || filter.channelIds.includes(id)),
		[all, filter],
	);
	const columns = useMemo(() => columnsFor(filter.mode, channels), [filter.mode, channels]);
	const rows = useGridRows(filter);
	const counts = useQuery(stateCountsQuery(filter.channelIds));
	const isWide = useIsWide();
	const grid = useRef<GridHandle>(null);
	const { acts, status } = useMappingActs(filter.mode, ({ rowId, columnId }) => {
		const index = findRow(rows.rowAt, grid.current?.focused()?.index ?? 0, rowId);
		if (index !== null) grid.current?.focus({ index, columnId });
	});
	const filterInput = useRef<HTMLInputElement>(null);
	/** Where the inspector looks. It follows the grid's own focus, which is drawn first. */
	const [place, setPlace] = useState<CellPlace | null>(null);
	const onFocusCell = useCallback((next: CellPlace | null) => startTransition(() => setPlace(next)), []);
	const [open, setOpen] = useState<Open | null>(null);
	const [isSheetOpen, setIsSheetOpen] = useState(false);
	const others = useRef<readonly PeekOther[]>([]);
	const keepOthers = useCallback((next: readonly PeekOther[]) => {
		others.current = next;
	}, []);

	// The keyboard begins where work begins.
	const isLoaded = rows.rowAt(0) !== undefined;
	// biome-ignore lint/correctness/useExhaustiveDependencies: once per filter, when its first rows are there
	useEffect(() => {
		const columnIds = columns.map(({ id }) => id);
		const start = findOpen(
			rows.rowAt,
			Math.min(rows.total ?? 0, 50),
			{ index: -1, columnId: columnIds[2] ?? "" },
			columnIds,
		);
		const first = columns.find(({ isFrozen }) => !isFrozen)?.id;
		// What was filtered for is what is seen, also where a screen has room for one store.
		if (isLoaded && first) grid.current?.focus(start ?? { index: 0, columnId: first }, filter.state !== null);
	}, [filterKey, isLoaded]);

	const row = place ? rows.rowAt(place.index) : undefined;
	const target = useMemo(() => (row && place ? peekTargetOf(row, place.columnId) : null), [row, place]);
	const focused = (): CellRef | null => {
		const at = grid.current?.focused();
		const found = at ? rows.rowAt(at.index) : undefined;
		return found && at ? { row: found, columnId: at.columnId } : null;
	};

	useVisibleRefresh(filter.mode, rows.rowAt, place?.index ?? 0);

	/** The cells of the selection; loads rows that were jumped over. Null: too many, and said so. */
	const selectedCells = async (): Promise<CellRef[] | null> => {
		const ranges = grid.current?.ranges() ?? [];
		const size = ranges.reduce(
			(sum, range) => sum + (range.lastRow - range.firstRow + 1) * (range.lastColumn - range.firstColumn + 1),
			0,
		);
		if (size > mostCells * columns.length) return null;
		const cells: CellRef[] = [];
		for (const range of ranges)
			for (const one of await rows.load(range.firstRow, range.lastRow))
				for (const column of columns.slice(range.firstColumn, range.lastColumn + 1))
					cells.push({ row: one, columnId: column.id });
		return cells;
	};
	const withSelection = (work: (cells: CellRef[]) => void) => async () => {
		const cells = await selectedCells().catch(() => []);
		if (cells === null)
			showFailed("Too many cells at once", { detail: "Select up to 2,000 rows, or narrow the filter." });
		else work(cells);
	};

	const nextOpen = () => {
		const from = grid.current?.focused();
		if (!from) return grid.current?.move("down", { isExtending: false, steps: 1 });
		const found = findOpen(
			rows.rowAt,
			rows.total ?? 0,
			from,
			columns.map(({ id }) => id),
		);
		grid.current?.focus(found ?? from);
	};
	const accept = async () => {
		if (!canLink) return;
		const cells = await selectedCells().catch(() => []);
		if (cells === null) return setOpen({ kind: "accept" });
		const links = cells.flatMap((cell) => {
			const wish = wishOf(cell.row, cell.columnId);
			return wish ? [{ cell, wish }] : [];
		});
		if (links.length === 0) return;
		void acts.link(links);
		if (links.length === 1) nextOpen();
	};
	const reject = withSelection((cells) => {
		const rejected = cells.filter((cell) => isOpen(cell.row, cell.columnId));
		if (!canLink || rejected.length === 0) return;
		void acts.reject(rejected);
		if (rejected.length === 1) nextOpen();
	});
	const unlink = withSelection((cells) => {
		if (canChange) void acts.unlink(cells.filter(({ row: one, columnId }) => decidedIn(one, columnId).length > 0));
	});
	const leaveOut = withSelection((cells) => {
		const taken = cells.filter(({ row: one, columnId }) => listingsIn(one, columnId).length > 0);
		if (canChange && taken.length > 0) setOpen({ kind: "leave-out", cells: taken });
	});
	const search = () => {
		const cell = focused();
		const wanted = cell && canLink ? searchFor(cell, all) : null;
		if (cell && wanted) setOpen({ kind: "search", search: wanted, cell });
	};
	const choose = (other: PeekOther | undefined) => {
		const cell = focused();
		if (!cell || !other || !canLink) return;
		const wish = { listingId: other.listingId, skuId: other.skuId, units: 1, seenVersion: other.version };
		void acts.link([{ cell, wish, name: { sku: other.name, title: other.title } }]);
	};
	const peek = () => (isWide ? void setParams({ peek: !params.peek }) : setIsSheetOpen((is) => !is));

	useGridKeys(
		grid,
		{
			accept: () => void accept(),
			reject: () => void reject(),
			search,
			unlink: () => void unlink(),
			leaveOut: () => void leaveOut(),
			peek,
			choose: (nth) => choose(others.current[nth - 1]),
			nextOpen,
			focusFilter: () => filterInput.current?.focus(),
			undo: () => void acts.undo(),
			redo: () => void acts.redo(),
		},
		open === null,
	);

	const inspectorActs: InspectorActs = {
		accept: () => void accept(),
		reject: () => void reject(),
		unlink: () => void unlink(),
		leaveOut: () => void leaveOut(),
		search,
		choose,
	};
	const close = () => {
		setOpen(null);
		grid.current?.takeKeyboard();
	};
	const linkedElsewhere = (batchIds: readonly string[], linked: number) => {
		for (const batchId of batchIds) void acts.note(batchId);
		if (linked > 0) showDone(`Linked ${countOf(linked, "listing")}`, { undo: () => acts.undo() });
	};
	const look = async () => {
		try {
			const { proposals } = await actOnMappings("propose", {});
			await client.invalidateQueries({ queryKey: mappingsKey });
			showDone("Looked again", { detail: `${countOf(proposals, "suggestion")} in all.` });
		} catch (error) {
			showFailed(error instanceof Error ? error.message : "This did not work. Try again.");
		}
	};
	const onPaste = useCallback(
		(at: CellPlace, cells: string[][]) => {
			const wishes = wishesFrom(
				at,
				cells,
				columns.map(({ id }) => id),
				rows.rowAt,
			);
			if (wishes.length === 0)
				showFailed("There is nothing to link in what you copied", {
					detail: "Copy SKUs of listings and paste them into a channel's column.",
				});
			else setOpen({ kind: "links", source: { kind: "paste", wishes } });
		},
		[columns, rows.rowAt],
	);
	const onOpen = useCallback(
		(at: CellPlace) => {
			setPlace(at);
			if (isWide) void setParams({ peek: true });
			else setIsSheetOpen(true);
		},
		[isWide, setParams],
	);
	const onCopyRefused = useCallback((sentence: string) => showFailed(sentence), []);

	const inspector = (
		<Inspector
			target={target}
			channels={all}
			acts={inspectorActs}
			canChange={canChange}
			canLink={canLink}
			onOthers={keepOthers}
		/>
	);
	const title = row
		? isSkuRow(row)
			? [row.title, row.options].filter(Boolean).join(", ")
			: row.title
		: "Nothing chosen";
	return (
		<>
			{/* Links for opening elsewhere; followed here, they change the address without asking for the page again. */}
			<div
				onClickCapture={(event) =>
					followHere(event, (search) => void setParams(loadMappingParams(search), { history: "push" }))
				}
			>
				<Segments label="Listings by state" segments={segmentsOf(counts.data, params)} current={params.state} />
			</div>
			<MappingsToolbar
				channels={all}
				filter={filter}
				params={params}
				setParams={setParams}
				counts={counts.data}
				canChange={canChange}
				canLink={canLink}
				inputRef={filterInput}
				onLeaveFilter={() => grid.current?.takeKeyboard()}
				settled={status.settled}
				onReload={() => {
					status.forgetSettled();
					void rows.reload();
				}}
				onAccept={() => setOpen({ kind: "accept" })}
				onHistory={() => setOpen({ kind: "history" })}
				onFile={(file) => setOpen({ kind: "links", source: { kind: "file", file } })}
				onLook={() => void look()}
			/>
			<div className={isWide && params.peek ? "grid grid-cols-[minmax(0,1fr)_320px] items-start gap-4" : ""}>
				<GridPanel
					columns={columns}
					channels={all}
					rows={rows}
					filter={filter}
					filterKey={filterKey}
					handle={grid}
					canChange={canChange}
					onFocusCell={onFocusCell}
					onOpen={onOpen}
					onPaste={onPaste}
					onCopyRefused={onCopyRefused}
					onClear={() => void setParams({ state: null, q: "" })}
				/>
				{isWide && params.peek && (
					<Panel
						title={title}
						actions={
							<IconButton label="Close the inspector" onClick={peek}>
								<Kbd>Space</Kbd>
							</IconButton>
						}
						className="max-h-[calc(100dvh-226px)] min-h-60 overflow-y-auto"
					>
						{inspector}
					</Panel>
				)}
			</div>
			{!isWide && (
				<Dialog
					title={title}
					isOpen={isSheetOpen}
					onOpenChange={setIsSheetOpen}
					footer={<Button onClick={() => setIsSheetOpen(false)}>Close</Button>}
				>
					<div className="-mx-3.5">{inspector}</div>
				</Dialog>
			)}
			<p className="sr-only" aria-live="polite">
				{status.said}
			</p>
			{open?.kind === "accept" && (
				<AcceptDialog
					filter={filter}
					counts={counts.data}
					channels={all}
					onClose={close}
					onDone={(batchId, linked) => linkedElsewhere([batchId], linked)}
				/>
			)}
			{open?.kind === "links" && (
				<LinksDialog source={open.source} channels={all} onClose={close} onDone={linkedElsewhere} />
			)}
			{open?.kind === "history" && <HistoryDialog canUndo={canLink} onUndo={acts.undo} onClose={close} />}
			{open?.kind === "leave-out" && (
				<LeaveOutDialog
					count={open.cells.length}
					onClose={close}
					onLeaveOut={(reason) => void acts.leaveOut(open.cells, reason)}
				/>
			)}
			{open?.kind === "search" && (
				<LinkSearch
					search={open.search}
					onClose={close}
					onChoose={(found: Found, units) => {
						const wish = { listingId: found.listingId, skuId: found.skuId, units, seenVersion: found.version };
						void acts.link([{ cell: open.cell, wish, name: { sku: found.name, title: found.title } }]);
						close();
					}}
				/>
			)}
		</>
	);
}
