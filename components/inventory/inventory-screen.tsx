"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Download, Plus, Store, Upload } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useEffect, useRef, useState } from "react";
import { usePageShortcuts } from "@/components/layout/page-shortcuts";
import { useShell } from "@/components/layout/shell-context";
import { refused } from "@/components/mappings/grid-panel";
import { Button, ButtonLink } from "@/components/ui/button";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { TabLinks } from "@/components/ui/tabs";
import { inputStyle } from "@/components/ui/text-field";
import { type InventoryFilter, inventoryShows } from "@/lib/format/inventory";
import type { GridChannel } from "@/lib/matching/grid";
import { inventoryCountsQuery, inventoryCsvHref, inventoryQuery } from "@/lib/queries/inventory";
import { CsvDialog } from "./csv-dialog";
import { InventoryList } from "./inventory-list";
import { inventoryHref, inventoryParams } from "./inventory-params";
import { NewSkuDialog } from "./new-sku-dialog";
import { StartDialog } from "./start-dialog";

const showNames: Record<InventoryFilter["show"], string> = {
	all: "All",
	oversold: "Oversold",
	out: "Sold out",
	low: "Five or fewer",
	uncounted: "Not counted",
};

/** How many are there, and does every channel show it? */
export function InventoryScreen({ channels }: { channels: readonly GridChannel[] }) {
	const { role } = useShell().me;
	const canChange = role === "owner" || role === "manager";
	const [params, setParams] = useQueryStates(inventoryParams);
	const filter: InventoryFilter = { text: params.q.trim(), show: params.show };
	const list = useInfiniteQuery(inventoryQuery(filter));
	const counts = useQuery(inventoryCountsQuery());
	const [isNewOpen, setIsNewOpen] = useState(false);
	const search = useRef<HTMLInputElement>(null);
	usePageShortcuts("Inventory", [
		{
			keys: "/",
			shown: "/",
			label: "Search SKUs",
			run: (event) => {
				event.preventDefault();
				search.current?.focus();
			},
		},
	]);

	const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
	const total = filter.text === "" ? (counts.data?.[filter.show] ?? rows.length) : rows.length;
	const { fetchNextPage, isFetchingNextPage } = list;
	return (
		<>
			<div className="flex flex-wrap items-center gap-2">
				<Search value={params.q} onChange={(q) => void setParams({ q })} inputRef={search} />
				<TabLinks
					label="Which SKUs"
					current={params.show}
					tabs={inventoryShows.map((show) => ({
						key: show,
						label: showNames[show],
						count: counts.data?.[show],
						href: inventoryHref({ show, q: params.q }),
					}))}
				/>
				<div className="ml-auto flex items-center gap-2">
					<Menu trigger={<Button>CSV</Button>}>
						<MenuItem icon={<Download aria-hidden />} onSelect={() => window.location.assign(inventoryCsvHref)}>
							Export all SKUs
						</MenuItem>
						{canChange && (
							<MenuItem icon={<Upload aria-hidden />} onSelect={() => void setParams({ start: "csv" })}>
								Bring SKUs…
							</MenuItem>
						)}
						{canChange && channels.length > 0 && (
							<MenuItem icon={<Store aria-hidden />} onSelect={() => void setParams({ start: "store" })}>
								Start from a store…
							</MenuItem>
						)}
					</Menu>
					{canChange && (
						<Button icon={<Plus aria-hidden className="size-3.5" />} onClick={() => setIsNewOpen(true)}>
							New SKU
						</Button>
					)}
				</div>
			</div>
			{list.error && rows.length === 0 ? (
				<Panel aria-label="SKUs">{refused(list.error, () => void list.refetch())}</Panel>
			) : list.isPending ? (
				<Panel aria-label="SKUs" aria-busy>
					<SkeletonRows rows={16} />
				</Panel>
			) : rows.length > 0 ? (
				<Panel aria-label="SKUs" className="flex max-h-[calc(100dvh-156px)] min-h-60 flex-col overflow-hidden">
					<InventoryList
						rows={rows}
						total={total}
						channels={channels}
						hasMore={list.hasNextPage}
						onEnd={() => {
							if (!isFetchingNextPage) void fetchNextPage();
						}}
					/>
				</Panel>
			) : (
				<Panel aria-label="SKUs">
					<Nothing
						filter={filter}
						channels={channels}
						canChange={canChange}
						onClear={() => void setParams({ q: "", show: "all" })}
						onStart={(start) => void setParams({ start })}
					/>
				</Panel>
			)}
			{params.start === "csv" && canChange && <CsvDialog onClose={() => void setParams({ start: null })} />}
			{params.start === "store" && canChange && (
				<StartDialog channels={channels} onClose={() => void setParams({ start: null })} />
			)}
			{isNewOpen && <NewSkuDialog onClose={() => setIsNewOpen(false)} />}
		</>
	);
}

/** Typing asks when it pauses. */
function Search({
	value,
	onChange,
	inputRef,
}: {
	value: string;
	onChange: (value: string) => void;
	inputRef: React.Ref<HTMLInputElement>;
}) {
	const [typed, setTyped] = useState(value);
	// Somebody else changed it: the back button, "clear the filter".
	useEffect(() => setTyped(value), [value]);
	useEffect(() => {
		if (typed === value) return;
		const timer = setTimeout(() => onChange(typed), 200);
		return () => clearTimeout(timer);
	}, [typed, value, onChange]);
	return (
		<search className="w-70 max-md:w-full">
			<input
				ref={inputRef}
				type="search"
				aria-label="Search SKUs"
				placeholder="SKU, title or barcode"
				value={typed}
				onChange={(event) => setTyped(event.target.value)}
				className={inputStyle}
			/>
		</search>
	);
}

function Nothing({
	filter,
	channels,
	canChange,
	onClear,
	onStart,
}: {
	filter: InventoryFilter;
	channels: readonly GridChannel[];
	canChange: boolean;
	onClear: () => void;
	onStart: (start: "store" | "csv") => void;
}) {
	if (filter.text || filter.show !== "all")
		return (
			<PanelState
				kind="filtered"
				sentence={filter.show === "oversold" && !filter.text ? "Nothing is oversold." : "No SKU fits this filter."}
				action={<Button onClick={onClear}>Show all SKUs</Button>}
			/>
		);
	return (
		<PanelState
			kind="empty"
			sentence="Your SKUs will stand here, each with its one true count."
			detail="Take a store's catalogue as the start, or bring the SKUs that you have."
			action={
				canChange &&
				(channels.length > 0 ? (
					<Button kind="ink" onClick={() => onStart("store")}>
						Start from a store
					</Button>
				) : (
					<ButtonLink kind="ink" href="/channels">
						Connect a store
					</ButtonLink>
				))
			}
			secondary={canChange && <Button onClick={() => onStart("csv")}>Bring a CSV</Button>}
			ghost={<SkeletonRows rows={9} isStill />}
		/>
	);
}
