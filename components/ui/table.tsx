import { clsx } from "clsx";
import type { ComponentProps } from "react";

/**
 * Plain tables: 36 px rows, hairlines, the header in grey. Wrap in {@link TableScroll} so that a phone can pan, and fades
 * where there is more; columns that only explain carry `max-md:hidden`.
 */
export function TableScroll({ className, label, ...rest }: ComponentProps<"div"> & { label: string }) {
	return (
		// What scrolls must be reachable by keyboard, or its far columns are not. A group, since the panel around it is
		// the landmark.
		// biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
		<div
			role="group"
			aria-label={label}
			// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
			tabIndex={0}
			{...rest}
			// Relative: what only screen readers see scrolls with it, and does not make the page longer or wider.
			className={clsx("focus-inside relative overflow-x-auto pans", className)}
		/>
	);
}

export function Table({ className, ...rest }: ComponentProps<"table">) {
	return <table {...rest} className={clsx("w-full border-separate border-spacing-0", className)} />;
}

export function Thead(props: ComponentProps<"thead">) {
	return <thead {...props} />;
}

export function Tbody({ className, ...rest }: ComponentProps<"tbody">) {
	return <tbody {...rest} className={clsx("[&>tr:last-child>td]:border-b-0", className)} />;
}

export function Tr({ className, isSelected, ...rest }: ComponentProps<"tr"> & { isSelected?: boolean }) {
	return (
		<tr
			{...rest}
			aria-selected={isSelected}
			className={clsx(isSelected && "bg-select shadow-[inset_2px_0_0_var(--focus)]", className)}
		/>
	);
}

type Align = { isNumber?: boolean };

export function Th({ className, isNumber, scope = "col", ...rest }: ComponentProps<"th"> & Align) {
	return (
		<th
			{...rest}
			scope={scope}
			className={clsx(
				"h-8 border-b px-3 text-small font-[450] whitespace-nowrap text-muted",
				isNumber ? "text-right" : "text-left",
				className,
			)}
		/>
	);
}

export function Td({ className, isNumber, ...rest }: ComponentProps<"td"> & Align) {
	return (
		<td {...rest} className={clsx("h-9 border-b px-3 whitespace-nowrap", isNumber && "num text-right", className)} />
	);
}
