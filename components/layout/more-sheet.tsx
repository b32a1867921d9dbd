"use client";

import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Ellipsis, LogOut } from "lucide-react";
import Link from "next/link";
import { useState, useTransition } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { StateShape } from "@/components/ui/state-shape";
import { shellQuery } from "@/lib/queries/shell";
import { LiveIndicator } from "./live-indicator";
import { type NavItem, placeStyle } from "./nav";
import { usePausePushes } from "./pause-pushes";
import { useShell } from "./shell-context";
import { applyTheme, readTheme, type Theme, themeOptions } from "./theme";

/** What a phone's bar has no room for: further places, the pause, the shop, the theme and the way out. */
export function MoreSheet({ items, pathname }: { items: readonly NavItem[]; pathname: string }) {
	const [isOpen, setIsOpen] = useState(false);
	const { data: shell } = useQuery(shellQuery());
	const isHere = items.some(({ href }) => pathname.startsWith(href));
	return (
		<Dialog
			title={shell?.merchantName ?? "Your shop"}
			isOpen={isOpen}
			onOpenChange={setIsOpen}
			trigger={
				<button type="button" className={clsx(placeStyle(isHere), "md:hidden")}>
					<Ellipsis aria-hidden className="size-4.5" />
					More
				</button>
			}
		>
			<ul className="-mx-4 border-y">
				{items.map((item) => (
					<li key={item.key} className="border-b last:border-b-0">
						<Link
							href={item.href}
							onClick={() => setIsOpen(false)}
							aria-current={pathname.startsWith(item.href) ? "page" : undefined}
							className="focus-inside flex h-12 items-center gap-3 px-4 hover:bg-sunk aria-[current]:bg-select"
						>
							{item.icon}
							{item.label}
						</Link>
					</li>
				))}
			</ul>
			<Rest />
		</Dialog>
	);
}

/** Only while the sheet is open: the theme is read from the page when it is shown. */
function Rest() {
	const { me, merchants, merchantId, actions } = useShell();
	const pause = usePausePushes();
	const [theme, setTheme] = useState<Theme>(() => readTheme(document.documentElement.dataset.theme));
	const [, startTransition] = useTransition();
	return (
		<div className="flex flex-col gap-4 pt-4">
			{merchants.length > 1 && (
				<Select
					label="Shop"
					value={merchantId}
					options={merchants.map(({ id, name }) => ({ value: id, label: name }))}
					onChange={(id) => startTransition(() => actions.chooseMerchant(id))}
				/>
			)}
			<Select
				label="Theme"
				value={theme}
				options={themeOptions}
				onChange={(next) => {
					setTheme(next);
					applyTheme(next);
				}}
			/>
			{pause.mayToggle && (
				<Button
					onClick={pause.toggle}
					isBusy={pause.isBusy}
					icon={<StateShape kind={pause.isPaused ? "go" : "hold"} />}
				>
					{pause.isPaused ? "Resume pushes" : "Pause pushes"}
				</Button>
			)}
			<div className="flex items-center gap-3 border-t pt-3">
				<div className="min-w-0 flex-1 text-small text-muted">
					<span className="-ml-2 block">
						<LiveIndicator />
					</span>
					<span className="block truncate">{me.email}</span>
				</div>
				<Button
					kind="quiet"
					icon={<LogOut aria-hidden className="size-3.5" />}
					onClick={() => startTransition(() => actions.signOut())}
				>
					Sign out
				</Button>
			</div>
		</div>
	);
}
