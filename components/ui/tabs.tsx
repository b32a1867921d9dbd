"use client";

import { Tabs as Base } from "@base-ui/react/tabs";
import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";
import { formatNumber } from "@/lib/format/number";

const tabStyle =
	"touch inline-flex h-7.5 shrink-0 items-center gap-1.5 rounded-btn border px-2.75 whitespace-nowrap transition-[background-color] hover:bg-sunk max-md:h-9";
const restingStyle = "border-transparent text-muted";
const currentStyle = "border-line-strong bg-sunk text-text";

/** Tabs whose state is the URL: each is a link. The usual kind. */
export function TabLinks({
	label,
	tabs,
	current,
}: {
	label: string;
	tabs: readonly { key: string; label: ReactNode; count?: number; href: string }[];
	current: string;
}) {
	return (
		<nav aria-label={label} className="flex min-w-0 flex-wrap gap-0.5 max-md:flex-nowrap max-md:overflow-x-auto">
			{tabs.map((tab) => (
				<Link
					key={tab.key}
					href={tab.href}
					scroll={false}
					aria-current={tab.key === current ? "page" : undefined}
					className={clsx(tabStyle, tab.key === current ? currentStyle : restingStyle)}
				>
					{tab.label}
					{tab.count !== undefined && <span className="num">{formatNumber(tab.count)}</span>}
				</Link>
			))}
		</nav>
	);
}

/** Tabs inside a panel that need no address of their own. */
export function Tabs({
	label,
	tabs,
	defaultTab,
}: {
	label: string;
	tabs: readonly { key: string; label: ReactNode; content: ReactNode }[];
	defaultTab?: string;
}) {
	return (
		<Base.Root defaultValue={defaultTab ?? tabs[0]?.key}>
			<Base.List aria-label={label} className="flex min-w-0 flex-wrap gap-0.5">
				{tabs.map((tab) => (
					<Base.Tab
						key={tab.key}
						value={tab.key}
						className={clsx(
							tabStyle,
							restingStyle,
							"data-active:border-line-strong data-active:bg-sunk data-active:text-text",
						)}
					>
						{tab.label}
					</Base.Tab>
				))}
			</Base.List>
			{tabs.map((tab) => (
				<Base.Panel key={tab.key} value={tab.key} className="pt-3">
					{tab.content}
				</Base.Panel>
			))}
		</Base.Root>
	);
}
