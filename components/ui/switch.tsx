"use client";

import { Switch as Base } from "@base-ui/react/switch";
import { clsx } from "clsx";
import { type ReactNode, useId } from "react";

/** On or off, at once; the label says what is on. */
export function Switch({
	label,
	hint,
	isOn,
	onChange,
	name,
	isDisabled = false,
	isLabelHidden = false,
}: {
	label: ReactNode;
	hint?: ReactNode;
	isOn: boolean;
	onChange: (isOn: boolean) => void;
	name?: string;
	isDisabled?: boolean;
	isLabelHidden?: boolean;
}) {
	const id = useId();
	return (
		<div className="flex items-start gap-3">
			<Base.Root
				aria-labelledby={id}
				checked={isOn}
				onCheckedChange={(next) => onChange(next)}
				name={name}
				disabled={isDisabled}
				className="touch mt-px inline-flex h-4.5 w-7.5 shrink-0 items-center rounded-full border border-line-strong bg-sunk p-0.5 transition-[background-color] data-checked:border-ink data-checked:bg-ink data-disabled:opacity-45"
			>
				<Base.Thumb className="size-3 rounded-full bg-muted transition-[translate] data-checked:translate-x-3 data-checked:bg-on-ink" />
			</Base.Root>
			<span id={id} className={clsx(isLabelHidden && "sr-only")}>
				<span className="block">{label}</span>
				{hint && <span className="block text-small text-muted">{hint}</span>}
			</span>
		</div>
	);
}
