"use client";

import { clsx } from "clsx";
import { X } from "lucide-react";
import { type KeyboardEvent, type Ref, useEffect, useId, useState } from "react";
import { type FilterQuery, type FilterTerm, parseFilter, unknownKeys, withTerm } from "./filter-terms";
import { Kbd } from "./kbd";
import { popupStyle } from "./menu";

export type FilterKey = {
	key: string;
	/** Known values, offered while typing; without it anything goes. */
	values?: readonly { value: string; label: string }[];
};

/**
 * Search by typing: `key:value` becomes a chip, the rest is free text. Space or Enter completes, Backspace in the empty
 * field takes the last chip away, arrows choose an offer, or lead on to what was filtered. State stays with the caller (the URL).
 */
export function FilterBar({
	label,
	keys,
	query,
	onChange,
	placeholder,
	inputRef,
	onLeave,
	className,
}: {
	label: string;
	keys: readonly FilterKey[];
	query: FilterQuery;
	onChange: (query: FilterQuery) => void;
	placeholder?: string;
	inputRef?: Ref<HTMLInputElement>;
	/** ArrowDown where nothing is offered: to what was filtered. */
	onLeave?: () => void;
	className?: string;
}) {
	const id = useId();
	const [typed, setTyped] = useState(query.text);
	const [isOffering, setIsOffering] = useState(false);
	const [active, setActive] = useState(-1);

	// Somebody else changed the text: the back button, "clear filters".
	useEffect(() => setTyped(query.text), [query.text]);

	const names = keys.map((one) => one.key);
	const offers = isOffering ? offersFor(typed, keys, query.terms) : [];
	const unknown = unknownKeys(typed, names);

	const commit = (text: string) => {
		const parsed = parseFilter(text, names);
		onChange({ terms: parsed.terms.reduce(withTerm, query.terms), text: parsed.text });
		setTyped(parsed.text);
		setActive(-1);
	};

	const take = (offer: Offer) => {
		const before = typed.replace(/\S*$/, "");
		if (offer.value === null) {
			setTyped(`${before}${offer.key}:`);
			setActive(-1);
			return;
		}
		onChange({ terms: withTerm(query.terms, { key: offer.key, value: offer.value }), text: before.trim() });
		setTyped(before.trim());
		setActive(-1);
	};

	const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
		if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			if (offers.length === 0) {
				if (event.key === "ArrowDown") onLeave?.();
				return;
			}
			event.preventDefault();
			const step = event.key === "ArrowDown" ? 1 : -1;
			setActive((at) => ((at + step + 1 + offers.length + 1) % (offers.length + 1)) - 1);
		} else if (event.key === "Enter") {
			event.preventDefault();
			const offer = offers[active];
			if (offer) return take(offer);
			commit(typed);
			setIsOffering(false);
		} else if (event.key === " " && parseFilter(typed, names).terms.length > 0 && !/"[^"]*$/.test(typed)) {
			event.preventDefault();
			commit(typed);
		} else if (event.key === "Backspace" && typed === "" && query.terms.length > 0) {
			onChange({ ...query, terms: query.terms.slice(0, -1) });
		} else if (event.key === "Escape" && (typed !== "" || active >= 0)) {
			event.stopPropagation();
			if (active >= 0) setActive(-1);
			else commit("");
		}
	};

	return (
		<search className={clsx("relative min-w-0 flex-1", className)}>
			<div className="flex min-h-7.5 flex-wrap items-center gap-1.5 rounded-btn border bg-panel py-0.5 pr-2 pl-1.5 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-focus max-md:min-h-11">
				{query.terms.map((term) => (
					<Chip
						key={`${term.key}:${term.value}`}
						term={term}
						shown={labelOf(term, keys)}
						onRemove={() => onChange({ ...query, terms: query.terms.filter((one) => one !== term) })}
					/>
				))}
				<input
					ref={inputRef}
					role="combobox"
					aria-label={label}
					aria-expanded={offers.length > 0}
					aria-controls={`${id}-offers`}
					aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
					autoComplete="off"
					spellCheck={false}
					value={typed}
					placeholder={query.terms.length === 0 ? placeholder : undefined}
					onChange={(event) => {
						setTyped(event.target.value);
						setIsOffering(true);
						setActive(-1);
					}}
					onKeyDown={onKeyDown}
					onFocus={() => setIsOffering(true)}
					onBlur={() => {
						setIsOffering(false);
						if (typed !== query.text) commit(typed);
					}}
					className="h-6 min-w-30 flex-1 bg-transparent px-1 outline-none max-md:text-[16px]"
				/>
				{typed !== query.text && <Kbd>Enter</Kbd>}
			</div>
			{unknown.length > 0 && (
				<p role="status" className="mt-1 text-small text-warn">
					“{unknown[0]}:” is no key here, so it is searched for as text. There are {names.join(", ")}.
				</p>
			)}
			<div
				id={`${id}-offers`}
				role="listbox"
				aria-label={`${label}: offers`}
				hidden={offers.length === 0}
				className={clsx(popupStyle, "absolute top-full left-0 mt-1.5 max-h-72 min-w-52")}
			>
				{offers.map((offer, at) => (
					// biome-ignore lint/a11y/useKeyWithClickEvents: the input holds the keyboard and points here
					// biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant
					<div
						key={`${offer.key}:${offer.value}`}
						id={`${id}-${at}`}
						role="option"
						aria-selected={at === active}
						onMouseDown={(event) => event.preventDefault()}
						onClick={() => take(offer)}
						className={clsx(
							"flex min-h-8 cursor-default items-center rounded-md px-2 hover:bg-sunk max-md:min-h-11",
							at === active && "bg-sunk",
						)}
					>
						<span className="text-muted">{offer.key}:</span>
						{offer.label}
					</div>
				))}
			</div>
		</search>
	);
}

function Chip({ term, shown, onRemove }: { term: FilterTerm; shown: string; onRemove: () => void }) {
	return (
		<span className="inline-flex h-5.5 items-center gap-1 rounded-[5px] bg-sunk pl-1.75 text-small">
			<span>
				<span className="text-muted">{term.key}: </span>
				{shown}
			</span>
			<button
				type="button"
				onClick={onRemove}
				aria-label={`Remove ${term.key}: ${shown}`}
				className="touch grid size-5 place-items-center rounded-sm text-muted hover:text-text"
			>
				<X aria-hidden className="size-3" />
			</button>
		</span>
	);
}

type Offer = { key: string; value: string | null; label: string };

/** What could complete the last word: keys first, then the values of a key that was typed. */
function offersFor(typed: string, keys: readonly FilterKey[], terms: readonly FilterTerm[]): Offer[] {
	const word = /\S*$/.exec(typed)?.[0] ?? "";
	const [head, tail] = word.split(":", 2);
	if (tail !== undefined) {
		const wanted = tail.replace(/^"/, "").toLowerCase();
		return (keys.find((one) => one.key === head)?.values ?? [])
			.filter((one) => one.label.toLowerCase().includes(wanted))
			.filter((one) => !terms.some((term) => term.key === head && term.value === one.value))
			.slice(0, 12)
			.map((one) => ({ key: head ?? "", value: one.value, label: one.label }));
	}
	return keys.filter((one) => one.key.startsWith(word)).map((one) => ({ key: one.key, value: null, label: "" }));
}

const labelOf = (term: FilterTerm, keys: readonly FilterKey[]) =>
	keys.find((one) => one.key === term.key)?.values?.find((one) => one.value === term.value)?.label ?? term.value;
