"use client";

import { Select as Base } from "@base-ui/react/select";
import { clsx } from "clsx";
import { Check, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { buttonStyle } from "./button";
import { itemStyle, popupStyle } from "./menu";

/** One of a few, all seen at once. More than a dozen: {@link Combobox}. */
export function Select<T extends string>({
	label,
	value,
	options,
	onChange,
	name,
	isLabelHidden = false,
	isDisabled = false,
	className,
}: {
	label: string;
	value: T;
	options: readonly { value: T; label: string; detail?: ReactNode }[];
	onChange?: (value: T) => void;
	name?: string;
	isLabelHidden?: boolean;
	isDisabled?: boolean;
	className?: string;
}) {
	return (
		<Base.Root
			items={options}
			{...(onChange ? { value } : { defaultValue: value })}
			onValueChange={(next) => next !== null && onChange?.(next as T)}
			name={name}
			disabled={isDisabled}
		>
			<div className={clsx("flex min-w-0 flex-col gap-1", className)}>
				<Base.Label className={clsx("text-small text-muted", isLabelHidden && "sr-only")}>{label}</Base.Label>
				{/* Named before the browser has tied the label to it, too. */}
				<Base.Trigger aria-label={label} className={clsx(buttonStyle("plain"), "justify-between! max-md:h-11!")}>
					<Base.Value className="truncate" />
					<Base.Icon>
						<ChevronsUpDown aria-hidden className="size-3.5 text-muted" />
					</Base.Icon>
				</Base.Trigger>
			</div>
			<Base.Portal>
				<Base.Positioner sideOffset={6} alignItemWithTrigger={false} align="start" className="z-50 outline-none">
					<Base.Popup className={clsx(popupStyle, "min-w-(--anchor-width)")}>
						{options.map((option) => (
							<Base.Item key={option.value} value={option.value} className={itemStyle}>
								<span className="flex-1">
									<Base.ItemText>{option.label}</Base.ItemText>
									{option.detail && <span className="block text-small text-muted">{option.detail}</span>}
								</span>
								<Base.ItemIndicator>
									<Check aria-hidden className="size-3.5" />
								</Base.ItemIndicator>
							</Base.Item>
						))}
					</Base.Popup>
				</Base.Positioner>
			</Base.Portal>
		</Base.Root>
	);
}
