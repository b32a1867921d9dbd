"use client";

import { Download, History, RefreshCw, Upload } from "lucide-react";
import { type Ref, useMemo, useRef } from "react";
import { Button } from "@/components/ui/button";
import { FilterBar } from "@/components/ui/filter-bar";
import { parseFilter, writeFilter } from "@/components/ui/filter-terms";
import { Kbd } from "@/components/ui/kbd";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Select } from "@/components/ui/select";
import { countOf, formatNumber } from "@/lib/format/number";
import type { GridChannel, GridFilter, StateCounts } from "@/lib/matching/grid";
import { mappingsCsvHref } from "@/lib/queries/mappings";
import { filterKeys, type MappingParams } from "./mapping-params";

/** What is looked at, and what can be done to all of it. */
export function MappingsToolbar({
	channels,
	filter,
	params,
	setParams,
	counts,
	canChange,
	canLink,
	inputRef,
	onLeaveFilter,
	settled,
	onReload,
	onAccept,
	onHistory,
	onFile,
	onLook,
}: {
	channels: readonly GridChannel[];
	filter: GridFilter;
	params: MappingParams;
	setParams: (params: Partial<MappingParams>) => unknown;
	counts: StateCounts | undefined;
	canChange: boolean;
	canLink: boolean;
	inputRef: Ref<HTMLInputElement>;
	onLeaveFilter: () => void;
	/** Rows that were decided about and may not fit the filter any more. */
	settled: number;
	onReload: () => void;
	onAccept: () => void;
	onHistory: () => void;
	onFile: (file: File) => void;
	onLook: () => void;
}) {
	const file = useRef<HTMLInputElement>(null);
	const keys = useMemo(
		() =>
			filterKeys.map((key) =>
				key === "channel" ? { key, values: channels.map(({ id, name }) => ({ value: id, label: name })) } : { key },
			),
		[channels],
	);
	const certain = Object.values(counts?.certain ?? {}).reduce((sum, count) => sum + count, 0);
	return (
		<div className="flex flex-wrap items-center gap-2">
			<FilterBar
				label="Filter"
				keys={keys}
				query={parseFilter(params.q, filterKeys)}
				onChange={(query) => void setParams({ q: writeFilter(query) })}
				placeholder="Filter: sku:, title:, channel:…"
				inputRef={inputRef}
				onLeave={onLeaveFilter}
				className="max-w-90 min-w-60 max-md:max-w-none"
			/>
			<Select
				label="Rows"
				isLabelHidden
				value={filter.mode}
				options={[
					{ value: "skus", label: "By SKU" },
					{ value: "listings", label: "By listing" },
				]}
				onChange={(rows) => void setParams({ rows })}
			/>
			{settled > 0 && filter.state && (
				<Button icon={<RefreshCw aria-hidden className="size-3.5" />} onClick={onReload}>
					{countOf(settled, "row")} decided, show the rest
				</Button>
			)}
			<span className="ml-auto text-small text-muted max-lg:hidden">
				Shift-arrows select · <Kbd>A</Kbd> accept · <Kbd>X</Kbd> reject · <Kbd>?</Kbd> all keys
			</span>
			<div className="flex items-center gap-2 max-lg:ml-auto">
				<Menu trigger={<Button>CSV</Button>}>
					<MenuItem icon={<Download aria-hidden />} onSelect={() => window.location.assign(mappingsCsvHref(filter))}>
						Export this view
					</MenuItem>
					{canLink && (
						<MenuItem icon={<Upload aria-hidden />} onSelect={() => file.current?.click()}>
							Bring links…
						</MenuItem>
					)}
					<MenuItem icon={<History aria-hidden />} onSelect={onHistory}>
						History
					</MenuItem>
					{canLink && (
						<MenuItem icon={<RefreshCw aria-hidden />} onSelect={onLook}>
							Look for matches again
						</MenuItem>
					)}
				</Menu>
				<input
					ref={file}
					type="file"
					accept=".csv,.tsv,.txt,text/csv"
					aria-label="File of links"
					className="hidden"
					onChange={(event) => {
						const [chosen] = event.target.files ?? [];
						event.target.value = "";
						if (chosen) onFile(chosen);
					}}
				/>
				{canChange && (
					<Button kind="ink" onClick={onAccept} disabled={certain === 0}>
						{certain === 0 ? "Nothing above 95 %" : `Accept ${formatNumber(certain)} above 95 %`}
					</Button>
				)}
			</div>
		</div>
	);
}
