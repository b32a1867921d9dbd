"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Monitor, Moon, Search, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useDeferredValue, useMemo, useState } from "react";
import { type Command, CommandPalette } from "@/components/ui/command-palette";
import { Kbd } from "@/components/ui/kbd";
import { StateShape } from "@/components/ui/state-shape";
import { searchQuery } from "@/lib/queries/search";
import { navItems } from "./nav";
import { usePageShortcuts } from "./page-shortcuts";
import { usePausePushes } from "./pause-pushes";
import { useShell } from "./shell-context";
import { applyTheme } from "./theme";

const OpenContext = createContext<() => void>(() => {});

/** The palette behind Ctrl K and `/`, and the keys that go places. */
export function PaletteProvider({ children }: { children: ReactNode }) {
	const router = useRouter();
	const { hasSandbox } = useShell();
	const pause = usePausePushes();
	const [isOpen, setIsOpen] = useState(false);
	const [text, setText] = useState("");
	const wanted = useDeferredValue(text.trim());
	const found = useQuery({
		...searchQuery(wanted),
		enabled: isOpen && wanted.length > 1,
		placeholderData: keepPreviousData,
	});

	const places = navItems.filter((item) => item.key !== "sandbox" || hasSandbox);
	const open = (event: KeyboardEvent) => {
		event.preventDefault();
		setIsOpen(true);
	};
	usePageShortcuts("Everywhere", [
		{ keys: "$mod+k", shown: "Ctrl K", label: "Find or do anything", run: open },
		...places.map((item) => ({
			keys: `g ${item.letter}`,
			shown: `G ${item.letter.toUpperCase()}`,
			label: `Go to ${item.label}`,
			run: () => router.push(item.href),
		})),
	]);

	const groups = useMemo(() => {
		const commands: Command[] = places.map((item) => ({
			key: item.key,
			label: `Go to ${item.label}`,
			icon: item.icon,
			hint: `G ${item.letter.toUpperCase()}`,
			run: () => router.push(item.href),
		}));
		if (pause.mayToggle)
			commands.push({
				key: "pause",
				label: pause.isPaused ? "Resume pushes" : "Pause all pushes",
				icon: <StateShape kind="hold" />,
				run: pause.toggle,
			});
		commands.push(
			{ key: "light", label: "Light theme", icon: <Sun aria-hidden />, run: () => applyTheme("light") },
			{ key: "dark", label: "Dark theme", icon: <Moon aria-hidden />, run: () => applyTheme("dark") },
			{ key: "system", label: "Theme as the system", icon: <Monitor aria-hidden />, run: () => applyTheme("system") },
		);
		const typed = wanted.toLowerCase();
		const hits = wanted.length > 1 ? (found.data ?? []) : [];
		return [
			{
				label: "Found",
				commands: hits.map(
					(hit): Command => ({
						key: `${hit.kind}:${hit.id}`,
						label: hit.label,
						detail: hit.detail,
						run: () => router.push(hit.href),
					}),
				),
			},
			{ label: "Do", commands: commands.filter((command) => String(command.label).toLowerCase().includes(typed)) },
		];
	}, [found.data, wanted, places, pause, router]);

	return (
		<OpenContext.Provider value={() => setIsOpen(true)}>
			{children}
			<CommandPalette
				isOpen={isOpen}
				onOpenChange={(next) => {
					setIsOpen(next);
					if (!next) setText("");
				}}
				label="Find or do anything"
				placeholder="SKU, title, barcode, order or channel"
				text={text}
				onTextChange={setText}
				groups={groups}
				isSearching={found.isFetching}
				emptySentence={
					found.error?.message ?? "Nothing here goes by that name. Try a SKU, a barcode, an order number or a channel."
				}
			/>
		</OpenContext.Provider>
	);
}

/** Looks like a field, opens the palette. */
export function SearchBox() {
	const open = useContext(OpenContext);
	return (
		<button
			type="button"
			onClick={open}
			aria-keyshortcuts="Control+K"
			className="flex h-7.5 w-80 min-w-0 items-center gap-2 rounded-btn border bg-panel pr-2 pl-2.5 text-muted transition-[border-color] hover:border-line-strong max-md:h-9 max-md:w-auto max-md:flex-1"
		>
			<Search aria-hidden className="size-3.5 shrink-0" />
			<span className="flex-1 truncate text-left">SKU, order or channel</span>
			<Kbd>Ctrl K</Kbd>
		</button>
	);
}
