"use client";

import { Menu as Base } from "@base-ui/react/menu";
import { clsx } from "clsx";
import { Check } from "lucide-react";
import Link from "next/link";
import type { ReactElement, ReactNode } from "react";
import { Kbd } from "./kbd";

export const popupStyle =
	"appear z-50 max-h-(--available-height) overflow-y-auto rounded-lg border bg-raise p-1 shadow-raise outline-none";
export const itemStyle =
	"flex min-h-8 cursor-default select-none items-center gap-2 rounded-md px-2 outline-none data-disabled:opacity-45 data-highlighted:bg-sunk max-md:min-h-11";

/** A list of acts behind a button. */
export function Menu({
	trigger,
	align = "end",
	side = "bottom",
	children,
}: {
	trigger: ReactElement;
	align?: "start" | "center" | "end";
	side?: "top" | "bottom";
	children: ReactNode;
}) {
	return (
		<Base.Root>
			<Base.Trigger render={trigger} />
			<Base.Portal>
				<Base.Positioner side={side} align={align} sideOffset={6} className="z-50 outline-none">
					<Base.Popup className={clsx(popupStyle, "min-w-44")}>{children}</Base.Popup>
				</Base.Positioner>
			</Base.Portal>
		</Base.Root>
	);
}

export function MenuItem({
	onSelect,
	icon,
	hint,
	isBad = false,
	isDisabled = false,
	children,
}: {
	onSelect: () => void;
	icon?: ReactNode;
	hint?: string;
	isBad?: boolean;
	isDisabled?: boolean;
	children: ReactNode;
}) {
	return (
		<Base.Item
			onClick={onSelect}
			disabled={isDisabled}
			className={clsx(itemStyle, "[&>svg]:size-3.5 [&>svg]:text-muted", isBad && "text-bad")}
		>
			{icon}
			<span className="flex-1">{children}</span>
			{hint && <Kbd>{hint}</Kbd>}
		</Base.Item>
	);
}

export function MenuLink({ href, icon, children }: { href: string; icon?: ReactNode; children: ReactNode }) {
	return (
		<Base.Item render={<Link href={href} />} className={clsx(itemStyle, "[&>svg]:size-3.5 [&>svg]:text-muted")}>
			{icon}
			<span className="flex-1">{children}</span>
		</Base.Item>
	);
}

/** One of several, marked: a theme, a time range. */
export function MenuChoice<T extends string>({
	label,
	value,
	options,
	onChange,
}: {
	label: string;
	value: T;
	options: readonly { value: T; label: ReactNode }[];
	onChange: (value: T) => void;
}) {
	return (
		<Base.Group>
			<Base.GroupLabel className="px-2 pt-1.5 pb-1 text-small text-muted">{label}</Base.GroupLabel>
			<Base.RadioGroup value={value} onValueChange={(next: T) => onChange(next)}>
				{options.map((option) => (
					<Base.RadioItem key={option.value} value={option.value} className={itemStyle}>
						<span className="flex-1">{option.label}</span>
						<Base.RadioItemIndicator>
							<Check aria-hidden className="size-3.5" />
						</Base.RadioItemIndicator>
					</Base.RadioItem>
				))}
			</Base.RadioGroup>
		</Base.Group>
	);
}

export function MenuSeparator() {
	return <Base.Separator className="-mx-1 my-1 h-px bg-line" />;
}
