"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { clsx } from "clsx";
import { X } from "lucide-react";
import { type ReactElement, type ReactNode, useRef } from "react";
import { IconButton } from "./button";

/**
 * A question over the page. Reversible things do not ask, they offer Undo; this is for what needs input first, and for
 * what cannot be undone. Uncontrolled with `trigger`, or controlled with `isOpen` and `onOpenChange`.
 */
export function Dialog({
	title,
	description,
	trigger,
	isOpen,
	onOpenChange,
	footer,
	width = "max-w-[480px]",
	children,
}: {
	title: ReactNode;
	description?: ReactNode;
	trigger?: ReactElement;
	isOpen?: boolean;
	onOpenChange?: (isOpen: boolean) => void;
	/** Buttons, the one to press last. */
	footer?: ReactNode;
	width?: string;
	children?: ReactNode;
}) {
	const body = useRef<HTMLDivElement>(null);
	return (
		<Base.Root open={isOpen} onOpenChange={(next) => onOpenChange?.(next)}>
			{trigger && <Base.Trigger render={trigger} />}
			<Base.Portal>
				<Base.Backdrop
					data-veil
					className="appear fixed inset-0 z-40 bg-veil data-ending-style:opacity-0 data-starting-style:opacity-0"
				/>
				<Base.Popup
					// By touch the keyboard of the screen stays down until a field is tapped.
					initialFocus={(by) => body.current && (by === "touch" ? body.current : startOf(body.current))}
					className={clsx(
						"appear fixed inset-x-4 top-[12vh] z-50 mx-auto flex max-h-[76dvh] flex-col rounded-lg border bg-raise shadow-raise outline-none max-md:inset-x-0 max-md:top-auto max-md:bottom-0 max-md:max-h-[88dvh] max-md:max-w-none max-md:rounded-b-none",
						width,
					)}
				>
					<div className="flex items-start gap-3 px-4 pt-3.5 pb-2">
						<div className="min-w-0 flex-1">
							<Base.Title className="text-figure">{title}</Base.Title>
							{description && <Base.Description className="mt-0.5 text-muted">{description}</Base.Description>}
						</div>
						<Base.Close
							render={
								<IconButton label="Close">
									<X aria-hidden />
								</IconButton>
							}
						/>
					</div>
					<div ref={body} tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto px-4 pb-4 outline-none">
						{children}
					</div>
					{footer && <div className="flex flex-wrap justify-end gap-2 border-t px-4 py-3">{footer}</div>}
				</Base.Popup>
			</Base.Portal>
		</Base.Root>
	);
}

/**
 * What the dialog is about has the keyboard: its field, else its first choice, else what there is to read. Never a
 * button: an Enter that came too late would press it.
 */
function startOf(body: HTMLElement): HTMLElement {
	const field = "input:enabled:not([type=radio], [type=checkbox], [type=file]), textarea:enabled";
	const find = (selector: string) => body.querySelector<HTMLElement>(selector);
	return find(field) ?? find("input:checked:enabled") ?? find("input:enabled:not(.hidden)") ?? body;
}

/** Closes the dialog around it: `<DialogClose><Button>Keep it</Button></DialogClose>`. */
export function DialogClose({ children }: { children: ReactElement }) {
	return <Base.Close render={children} />;
}
