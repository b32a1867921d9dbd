"use client";

import { Checkbox as Base } from "@base-ui/react/checkbox";
import { clsx } from "clsx";
import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";

/** One yes or no; `isMixed` for a group of which some are ticked. */
export function Checkbox({
	label,
	isChecked,
	isMixed = false,
	onChange,
	name,
	value,
	isDisabled = false,
	isLabelHidden = false,
}: {
	label: ReactNode;
	isChecked?: boolean;
	isMixed?: boolean;
	onChange?: (isChecked: boolean) => void;
	name?: string;
	value?: string;
	isDisabled?: boolean;
	isLabelHidden?: boolean;
}) {
	return (
		// biome-ignore lint/a11y/noLabelWithoutControl: the control is Base UI's
		<label className="inline-flex items-start gap-2">
			<Base.Root
				checked={isChecked}
				indeterminate={isMixed}
				onCheckedChange={(next) => onChange?.(next)}
				name={name}
				value={value}
				disabled={isDisabled}
				className="touch mt-0.5 inline-grid size-4 shrink-0 place-items-center rounded-sm border border-line-strong bg-panel data-checked:border-ink data-checked:bg-ink data-disabled:opacity-45 data-indeterminate:border-ink data-indeterminate:bg-ink"
			>
				<Base.Indicator className="grid text-on-ink [&_svg]:size-3">
					{isMixed ? <Minus aria-hidden strokeWidth={3} /> : <Check aria-hidden strokeWidth={3} />}
				</Base.Indicator>
			</Base.Root>
			<span className={clsx(isLabelHidden && "sr-only")}>{label}</span>
		</label>
	);
}
