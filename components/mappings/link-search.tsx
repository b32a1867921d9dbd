"use client";

import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { inputStyle, TextField } from "@/components/ui/text-field";
import { formatNumber } from "@/lib/format/number";
import { listingSearchQuery, skuSearchQuery } from "@/lib/queries/mappings";

export type Found = {
	listingId: string;
	skuId: string;
	name: string;
	title: string;
	/** What it shows, or how many are available. */
	units: number | null;
	version: number;
	linkedTo: string | null;
};

export type SearchFor =
	/** Listings of a channel, for a SKU. */
	| { kind: "listing"; channelId: string; channelName: string; skuId: string; sku: string; text: string }
	/** SKUs, for a listing. */
	| { kind: "sku"; listingId: string; version: number; listing: string; text: string };

/** Finds the other side by hand: type, arrow, Enter. Units say how many of the SKU one sale takes. */
export function LinkSearch({
	search,
	onClose,
	onChoose,
}: {
	search: SearchFor;
	onClose: () => void;
	onChoose: (found: Found, units: number) => void;
}) {
	const id = useId();
	const input = useRef<HTMLInputElement>(null);
	const [text, setText] = useState(search.text);
	const [active, setActive] = useState(0);
	const [units, setUnits] = useState("1");
	const settled = useSettled(text);
	const { found, isFetching, isOfBefore } = useFound(search, settled);
	// What is on the screen answers an earlier text: it is not what was asked for, and cannot be chosen.
	const isStale = settled !== text || isOfBefore;
	/** Enter was pressed before the answer came. */
	const [isEager, setIsEager] = useState(false);
	const takes = Math.max(1, Math.min(10_000, Number.parseInt(units, 10) || 1));
	const choose = (one: Found | undefined) => {
		if (isStale) setIsEager(true);
		else if (one) onChoose(one, takes);
	};

	// biome-ignore lint/correctness/useExhaustiveDependencies: once, when the answer that was waited for is there
	useEffect(() => {
		if (!isEager || isStale) return;
		setIsEager(false);
		choose(found[0]);
	}, [isEager, isStale]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: a new text starts at its first answer
	useEffect(() => setActive(0), [text]);
	useEffect(() => input.current?.select(), []);

	const onKeyDown = (event: KeyboardEvent) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step && found.length > 0) {
			event.preventDefault();
			setActive((at) => (at + step + found.length) % found.length);
		} else if (event.key === "Enter") {
			event.preventDefault();
			choose(found[active]);
		}
	};

	return (
		<Dialog
			isOpen
			onOpenChange={(isOpen) => !isOpen && onClose()}
			title={
				search.kind === "listing"
					? `Which listing of ${search.channelName} is ${search.sku}?`
					: `Which SKU is ${search.listing}?`
			}
			width="max-w-[560px]"
			footer={
				<>
					<span className="mr-auto self-center text-small text-muted max-md:hidden">
						<Kbd>↑</Kbd> <Kbd>↓</Kbd> choose · <Kbd>Enter</Kbd> link
					</span>
					<Button onClick={onClose}>Cancel</Button>
					<Button kind="ink" disabled={!found[active] || isStale} onClick={() => choose(found[active])}>
						Link
					</Button>
				</>
			}
		>
			<div className="flex items-end gap-2">
				<div className="min-w-0 flex-1">
					<label htmlFor={id} className="mb-1 block text-small text-muted">
						SKU, title or barcode
					</label>
					<input
						id={id}
						ref={input}
						role="combobox"
						aria-expanded={found.length > 0}
						aria-controls={`${id}-list`}
						aria-activedescendant={found.length > 0 ? `${id}-${active}` : undefined}
						autoComplete="off"
						spellCheck={false}
						value={text}
						onChange={(event) => {
							setText(event.target.value);
							setIsEager(false);
						}}
						onKeyDown={onKeyDown}
						className={inputStyle}
					/>
				</div>
				<div className="w-28">
					<TextField
						label="Units each"
						inputMode="numeric"
						value={units}
						onChange={(event) => setUnits(event.target.value)}
						onKeyDown={onKeyDown}
					/>
				</div>
			</div>
			<div id={`${id}-list`} role="listbox" aria-label="Answers" aria-busy={isFetching} className="mt-2 min-h-44">
				{found.map((one, at) => (
					// biome-ignore lint/a11y/useKeyWithClickEvents: the input holds the keyboard and points here
					// biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant
					<div
						key={`${one.listingId} ${one.skuId}`}
						id={`${id}-${at}`}
						role="option"
						aria-selected={at === active}
						aria-disabled={isStale}
						onMouseMove={() => setActive(at)}
						onClick={() => !isStale && choose(one)}
						className={clsx(
							"flex min-h-9 items-center gap-3 rounded-md px-2 transition-[opacity] max-md:min-h-11",
							at === active && "bg-sunk",
							isStale && "opacity-60",
						)}
					>
						<span className="num w-36 shrink-0 truncate text-small">{one.name}</span>
						<span className="min-w-0 flex-1 truncate">{one.title}</span>
						{one.linkedTo && <span className="truncate text-small text-warn">now {one.linkedTo}</span>}
						<span className="num text-muted">{one.units === null ? "—" : formatNumber(one.units)}</span>
					</div>
				))}
				{found.length === 0 && (
					<p className="px-2 py-6 text-center text-muted">
						{isFetching ? "Looking…" : "Nothing fits. Try fewer letters."}
					</p>
				)}
			</div>
		</Dialog>
	);
}

/** `isOfBefore`: the answer to this text is not there yet; what is shown, if anything, is that to the one before. */
function useFound(search: SearchFor, text: string): { found: Found[]; isFetching: boolean; isOfBefore: boolean } {
	const channelId = search.kind === "listing" ? search.channelId : "";
	const listings = useQuery({ ...listingSearchQuery(channelId, text), enabled: search.kind === "listing" });
	const skus = useQuery({ ...skuSearchQuery(text), enabled: search.kind === "sku" });
	if (search.kind === "listing")
		return {
			found: (listings.data ?? []).map(({ listingId, sku, title, shows, version, linkedTo }) => ({
				listingId,
				skuId: search.skuId,
				name: sku || "no SKU",
				title,
				units: shows,
				version,
				linkedTo,
			})),
			isFetching: listings.isFetching,
			isOfBefore: listings.isPlaceholderData || listings.isPending,
		};
	return {
		found: (skus.data ?? []).map(({ skuId, code, title, available }) => ({
			listingId: search.listingId,
			skuId,
			name: code,
			title,
			units: available,
			version: search.version,
			linkedTo: null,
		})),
		isFetching: skus.isFetching,
		isOfBefore: skus.isPlaceholderData || skus.isPending,
	};
}

/** Typing asks when it pauses. */
function useSettled(text: string): string {
	const [settled, setSettled] = useState(text);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(text), 120);
		return () => clearTimeout(timer);
	}, [text]);
	return settled;
}
