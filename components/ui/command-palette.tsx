"use client";

import { Dialog } from "@base-ui/react/dialog";
import { clsx } from "clsx";
import { Search } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Kbd } from "./kbd";

export type Command = {
	key: string;
	label: ReactNode;
	detail?: ReactNode;
	icon?: ReactNode;
	hint?: string;
	run: () => void;
};

export type CommandGroup = { label: string; commands: readonly Command[] };

/** One field that goes anywhere: type, arrow, Enter. What is listed for a text is the caller's. */
export function CommandPalette({
	isOpen,
	onOpenChange,
	label,
	placeholder,
	text,
	onTextChange,
	groups,
	isSearching = false,
	emptySentence,
}: {
	isOpen: boolean;
	onOpenChange: (isOpen: boolean) => void;
	label: string;
	placeholder: string;
	text: string;
	onTextChange: (text: string) => void;
	groups: readonly CommandGroup[];
	isSearching?: boolean;
	emptySentence: string;
}) {
	const id = useId();
	const input = useRef<HTMLInputElement>(null);
	const [active, setActive] = useState(0);
	const commands = groups.flatMap((group) => group.commands);

	// biome-ignore lint/correctness/useExhaustiveDependencies: a new text starts at its first answer
	useEffect(() => setActive(0), [text, isOpen]);
	useEffect(() => {
		document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
	}, [id, active]);

	const run = (command: Command | undefined) => {
		if (!command) return;
		onOpenChange(false);
		command.run();
	};

	const onKeyDown = (event: KeyboardEvent) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step && commands.length > 0) {
			event.preventDefault();
			setActive((at) => (at + step + commands.length) % commands.length);
		} else if (event.key === "Enter") {
			event.preventDefault();
			run(commands[active]);
		}
	};

	let at = -1;
	return (
		<Dialog.Root open={isOpen} onOpenChange={(next) => onOpenChange(next)}>
			<Dialog.Portal>
				<Dialog.Backdrop data-veil className="appear fixed inset-0 z-40 bg-veil" />
				<Dialog.Popup
					initialFocus={input}
					className="appear fixed inset-x-3 top-[12vh] z-50 mx-auto flex max-h-[64dvh] max-w-[560px] flex-col overflow-hidden rounded-lg border bg-raise shadow-raise outline-none"
				>
					<Dialog.Title className="sr-only">{label}</Dialog.Title>
					<div className="flex h-12 shrink-0 items-center gap-2.5 border-b px-3.5">
						<Search aria-hidden className="size-4 shrink-0 text-muted" />
						<input
							ref={input}
							role="combobox"
							aria-label={label}
							aria-expanded
							aria-controls={`${id}-list`}
							aria-activedescendant={commands.length > 0 ? `${id}-${active}` : undefined}
							autoComplete="off"
							spellCheck={false}
							value={text}
							placeholder={placeholder}
							onChange={(event) => onTextChange(event.target.value)}
							onKeyDown={onKeyDown}
							className="h-full min-w-0 flex-1 bg-transparent text-figure outline-none max-md:text-[16px]"
						/>
						<Kbd>Esc</Kbd>
					</div>
					<div
						id={`${id}-list`}
						role="listbox"
						aria-label={label}
						aria-busy={isSearching}
						className="overflow-y-auto p-1.5"
					>
						{groups.map((group) =>
							group.commands.length === 0 ? null : (
								// biome-ignore lint/a11y/useSemanticElements: groups of a listbox
								<div key={group.label} role="group" aria-label={group.label}>
									<div aria-hidden className="px-2 pt-2 pb-1 text-small text-muted">
										{group.label}
									</div>
									{group.commands.map((command) => {
										at += 1;
										const here = at;
										return (
											// biome-ignore lint/a11y/useKeyWithClickEvents: the input holds the keyboard and points here
											// biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant
											<div
												key={command.key}
												id={`${id}-${here}`}
												role="option"
												aria-selected={here === active}
												onMouseMove={() => setActive(here)}
												onClick={() => run(command)}
												className={clsx(
													"flex min-h-9 cursor-default items-center gap-2.5 rounded-md px-2 max-md:min-h-11 [&>svg]:size-4 [&>svg]:text-muted",
													here === active && "bg-sunk",
												)}
											>
												{command.icon}
												<span className="min-w-0 flex-1 truncate">{command.label}</span>
												{command.detail && <span className="num truncate text-small text-muted">{command.detail}</span>}
												{command.hint && <Kbd>{command.hint}</Kbd>}
											</div>
										);
									})}
								</div>
							),
						)}
						{commands.length === 0 && (
							<p className="px-2 py-6 text-center text-muted">{isSearching ? "Looking…" : emptySentence}</p>
						)}
					</div>
				</Dialog.Popup>
			</Dialog.Portal>
		</Dialog.Root>
	);
}
