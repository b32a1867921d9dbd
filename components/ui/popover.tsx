"use client";

import { Popover as Base } from "@base-ui/react/popover";
import { clsx } from "clsx";
import type { ReactElement, ReactNode } from "react";

/** What made a number, or a small form, beside what opened it. */
export function Popover({
	trigger,
	title,
	align = "start",
	side = "bottom",
	isOpen,
	onOpenChange,
	className,
	children,
}: {
	trigger: ReactElement;
	title?: ReactNode;
	align?: "start" | "center" | "end";
	side?: "top" | "bottom" | "left" | "right";
	isOpen?: boolean;
	onOpenChange?: (isOpen: boolean) => void;
	className?: string;
	children: ReactNode;
}) {
	return (
		<Base.Root open={isOpen} onOpenChange={(next) => onOpenChange?.(next)}>
			<Base.Trigger render={trigger} />
			<Base.Portal>
				<Base.Positioner side={side} align={align} sideOffset={6} className="z-50">
					<Base.Popup
						className={clsx(
							"appear max-w-[calc(100vw-24px)] min-w-56 rounded-lg border bg-raise p-3 shadow-raise outline-none",
							className,
						)}
					>
						{title && <Base.Title className="mb-1.5 text-body">{title}</Base.Title>}
						{children}
					</Base.Popup>
				</Base.Positioner>
			</Base.Portal>
		</Base.Root>
	);
}

/** Closes the popover around it, besides what the button does: what opens over the page must not stand behind it. */
export function PopoverClose({ children }: { children: ReactElement }) {
	return <Base.Close render={children} />;
}
