"use client";

import { Combobox as Base } from "@base-ui/react/combobox";
import { clsx } from "clsx";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { itemStyle, popupStyle } from "./menu";
import { Field, inputStyle } from "./text-field";

export type ComboboxOption = { value: string; label: string; detail?: ReactNode };

/**
 * One of many, found by typing. With `onSearch` the options are whatever the caller last found (a server search);
 * without it they are filtered here. Heavy: load it lazily where a page may never open it.
 */
export function Combobox({
	label,
	options,
	value,
	onChange,
	onSearch,
	placeholder,
	error,
	emptySentence = "Nothing fits. Try fewer letters.",
	isLabelHidden = false,
	isDisabled = false,
	autoFocus = false,
}: {
	label: string;
	options: readonly ComboboxOption[];
	value: ComboboxOption | null;
	onChange: (option: ComboboxOption | null) => void;
	onSearch?: (text: string) => void;
	placeholder?: string;
	/** What is wrong with the choice and what to do. */
	error?: string | null;
	emptySentence?: string;
	isLabelHidden?: boolean;
	isDisabled?: boolean;
	autoFocus?: boolean;
}) {
	return (
		<Base.Root
			items={options}
			value={value}
			onValueChange={(next) => onChange(next)}
			onInputValueChange={(text) => onSearch?.(text)}
			isItemEqualToValue={(a, b) => a.value === b.value}
			{...(onSearch && { filter: null })}
			disabled={isDisabled}
			autoHighlight
		>
			<Field label={label} error={error} isLabelHidden={isLabelHidden}>
				{(ids) => <Base.Input {...ids} placeholder={placeholder} autoFocus={autoFocus} className={inputStyle} />}
			</Field>
			<Base.Portal>
				<Base.Positioner sideOffset={6} align="start" className="z-50 outline-none">
					<Base.Popup className={clsx(popupStyle, "w-(--anchor-width) min-w-60")}>
						<Base.Empty className="px-2 py-1.5 text-muted empty:hidden">{emptySentence}</Base.Empty>
						<Base.List className="outline-none">
							{(option: ComboboxOption) => (
								<Base.Item key={option.value} value={option} className={itemStyle}>
									<span className="min-w-0 flex-1">
										<span className="block truncate">{option.label}</span>
										{option.detail && <span className="block truncate text-small text-muted">{option.detail}</span>}
									</span>
									<Base.ItemIndicator>
										<Check aria-hidden className="size-3.5" />
									</Base.ItemIndicator>
								</Base.Item>
							)}
						</Base.List>
					</Base.Popup>
				</Base.Positioner>
			</Base.Portal>
		</Base.Root>
	);
}
