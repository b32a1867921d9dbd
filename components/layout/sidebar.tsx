"use client";

import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { ChevronDown } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { Tag } from "@/components/ui/tag";
import { formatNumber } from "@/lib/format/number";
import { shellQuery } from "@/lib/queries/shell";
import { LiveIndicator } from "./live-indicator";
import { Logo } from "./logo";
import { MerchantMenu } from "./merchant-menu";
import { MoreSheet } from "./more-sheet";
import { type NavItem, navItems, placeStyle } from "./nav";
import { useShell } from "./shell-context";

/** The places, with what waits in them. At the left; below 761 px a bar at the bottom. */
export function Sidebar() {
	const { hasSandbox } = useShell();
	const { data: shell } = useQuery(shellQuery());
	const pathname = usePathname();
	const items = navItems.filter((item) => item.key !== "sandbox" || hasSandbox);

	return (
		<nav
			aria-label="Main"
			className="sticky top-0 z-20 flex h-dvh flex-col gap-0.5 border-r bg-sunk px-2.5 py-3 max-md:fixed max-md:inset-x-0 max-md:top-auto max-md:bottom-0 max-md:h-auto max-md:flex-row max-md:border-t max-md:border-r-0 max-md:px-1 max-md:pt-1.5 max-md:pb-[max(6px,env(safe-area-inset-bottom))]"
		>
			<Link
				href="/overview"
				className="flex items-center gap-2 rounded-md px-2 pt-1 pb-1 mb-2.5 text-figure font-[620] tracking-[-0.02em] max-md:hidden"
			>
				<Logo />
				Onecount
			</Link>
			{items.map((item) => (
				<Place
					key={item.key}
					item={item}
					isHere={pathname === item.href || pathname.startsWith(`${item.href}/`)}
					count={
						item.key === "mappings"
							? shell?.unlinkedListings
							: item.key === "conflicts"
								? shell?.openConflicts
								: undefined
					}
				/>
			))}
			<MoreSheet items={items.filter(({ isMore }) => isMore)} pathname={pathname} />
			<div className="mt-auto border-t pt-2 max-md:hidden">
				<LiveIndicator />
				<MerchantMenu
					trigger={
						<button
							type="button"
							className="flex h-7.5 w-full items-center gap-2 rounded-md px-2 text-small text-muted hover:bg-panel hover:text-text data-popup-open:bg-panel"
						>
							<span className="truncate">{shell?.merchantName ?? "Your shop"}</span>
							<ChevronDown aria-hidden className="ml-auto size-3.5 shrink-0" />
						</button>
					}
				/>
			</div>
		</nav>
	);
}

const counted: Record<string, (count: string) => string> = {
	mappings: (count) => `${count} listings not linked`,
	conflicts: (count) => `${count} to settle`,
};

function Place({ item, isHere, count }: { item: NavItem; isHere: boolean; count: number | undefined }) {
	const shown = count ? formatNumber(count) : null;
	return (
		<Link
			href={item.href}
			aria-current={isHere ? "page" : undefined}
			className={clsx(placeStyle(isHere), item.isMore && "max-md:hidden")}
		>
			<span className="relative">
				{item.icon}
				{shown && item.key === "conflicts" && (
					<span aria-hidden className="absolute -top-1 -right-1.5 hidden size-2 rounded-full bg-bad max-md:block" />
				)}
			</span>
			{item.label}
			{shown && (
				<span className="ml-auto max-md:sr-only">
					{item.key === "conflicts" ? (
						<Tag tone="bad" isNumber>
							{shown}
						</Tag>
					) : (
						<span className="num text-small">{shown}</span>
					)}
					<span className="sr-only">: {counted[item.key]?.(shown)}</span>
				</span>
			)}
		</Link>
	);
}
