"use client";

import { clsx } from "clsx";
import { Fragment, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { type Shortcut, type ShortcutGroup, usePageShortcuts, useShortcutGroups } from "./page-shortcuts";

const everywhere = "Everywhere";
const help = "Help";

/** Every key that does something here, on `?`. */
export function ShortcutsOverlay() {
	const [isOpen, setIsOpen] = useState(false);
	const groups = useShortcutGroups();
	usePageShortcuts(help, [{ keys: "Shift+?", shown: "?", label: "Show all keys", run: () => setIsOpen(true) }]);

	const shown = inOrder(groups);
	const isLong = groups.reduce((sum, { shortcuts }) => sum + shortcuts.length, 0) > 24;
	const width = shown.length === 1 ? "max-w-[360px]" : isLong ? "max-w-[960px]" : "max-w-[640px]";
	return (
		<Dialog title="Keys" isOpen={isOpen} onOpenChange={setIsOpen} width={width}>
			<div className={clsx("gap-x-10 pt-1", shown.length > 1 && "md:columns-2", isLong && "lg:columns-3")}>
				{shown.map((group) => (
					<section key={group.title} className="mb-5 break-inside-avoid last:mb-0">
						<h3 className="border-b pb-1.5 text-small text-muted">{group.title}</h3>
						<dl>
							{group.shortcuts.map((shortcut) => (
								<div key={shortcut.keys} className="flex min-h-7 items-center gap-3">
									<dt className="min-w-0 flex-1">{shortcut.label}</dt>
									<dd className="flex shrink-0 items-center gap-1 text-small text-muted">
										<Keys shortcut={shortcut} />
									</dd>
								</div>
							))}
						</dl>
					</section>
				))}
			</div>
		</Dialog>
	);
}

/** What this page can do comes first, what every page can do last and as one. */
function inOrder(groups: readonly ShortcutGroup[]): ShortcutGroup[] {
	const ofPage = groups.filter(({ title }) => title !== everywhere && title !== help);
	const shared = groups.filter(({ title }) => title === everywhere || title === help);
	return [...ofPage, { title: everywhere, shortcuts: shared.flatMap(({ shortcuts }) => shortcuts) }];
}

/** Each key a cap of its own; keys that are pressed one after the other say so. */
function Keys({ shortcut: { keys, shown } }: { shortcut: Shortcut }) {
	const isSequence = keys.includes(" ");
	return shown.split(" ").map((cap, at) => (
		<Fragment key={cap}>
			{isSequence && at > 0 && "then"}
			{cap === "–" ? cap : <Kbd isAlways>{cap}</Kbd>}
		</Fragment>
	));
}
