import { clsx } from "clsx";
import type { ReactNode } from "react";

export type NavItem = {
	key: string;
	label: string;
	href: string;
	icon: ReactNode;
	/** After `g`. */
	letter: string;
	/** On a phone in the sheet behind "More": its bar has room for six. */
	isMore?: boolean;
};

/** A place in the sidebar; in a phone's bar an icon over its word. */
export const placeStyle = (isHere: boolean) =>
	clsx(
		"flex h-7.5 items-center gap-2.25 rounded-md px-2 transition-[background-color] max-md:h-11 max-md:min-w-0 max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:px-0.5 max-md:text-[10px] max-md:leading-3",
		isHere
			? "bg-panel font-medium text-text shadow-[0_0_0_1px_var(--line)]"
			: "text-muted hover:bg-panel/60 hover:text-text",
	);

const icon = (paths: ReactNode) => (
	<svg
		aria-hidden
		viewBox="0 0 16 16"
		className="size-3.75 shrink-0 max-md:size-4.5"
		fill="none"
		stroke="currentColor"
		strokeWidth="1.6"
	>
		{paths}
	</svg>
);

/** The eight places, in the order of a day's questions. */
export const navItems: readonly NavItem[] = [
	{
		key: "overview",
		label: "Overview",
		href: "/overview",
		letter: "o",
		icon: icon(<path d="M2 7.5 8 2.5l6 5V14H2z" />),
	},
	{
		key: "inventory",
		label: "Inventory",
		href: "/inventory",
		letter: "i",
		icon: icon(<path d="M2 5 8 2l6 3v6l-6 3-6-3z M2 5l6 3 6-3 M8 8v6" />),
	},
	{
		key: "mappings",
		label: "Mappings",
		href: "/mappings",
		letter: "m",
		icon: icon(<path d="M2 4h5v3H2z M9 9h5v3H9z M7 5.5h3.5V9" />),
	},
	{
		key: "channels",
		label: "Channels",
		href: "/channels",
		letter: "c",
		icon: icon(<path d="M2 6h12v8H2z M2 6l1.5-4h9L14 6 M6 14v-4h4v4" />),
	},
	{
		key: "activity",
		label: "Activity",
		href: "/activity",
		letter: "a",
		icon: icon(<path d="M1.5 8h3l2-5 3 10 2-5h3" />),
	},
	{
		key: "conflicts",
		label: "Conflicts",
		href: "/conflicts",
		letter: "t",
		icon: icon(<path d="M8 2 14.5 13.5h-13z M8 6.5v3.5 M8 12v.2" />),
	},
	{
		key: "sandbox",
		label: "Sandbox",
		href: "/sandbox",
		letter: "b",
		isMore: true,
		icon: icon(<path d="M6 2h4 M7 2v4l-4 7.5h10L9 6V2" />),
	},
	{
		key: "settings",
		label: "Settings",
		href: "/settings",
		letter: "s",
		isMore: true,
		icon: icon(
			<>
				<path d="M3 5h10 M3 11h10" />
				<circle cx="6" cy="5" r="1.7" fill="var(--bg)" />
				<circle cx="10" cy="11" r="1.7" fill="var(--bg)" />
			</>,
		),
	},
];
