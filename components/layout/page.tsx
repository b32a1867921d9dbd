import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";
import { SearchBox } from "./palette";
import { PauseButton, PausedBanner } from "./pause-pushes";

export type Crumb = { label: string; href: string };

/**
 * One page of the dashboard: the bar with its title, and its panels below with 16 px between them. `loading.tsx` uses it
 * too, with skeletons inside, so that the bar never jumps.
 */
export function Page({
	title,
	crumbs = [],
	className,
	children,
}: {
	title: ReactNode;
	/** The way here, without the page itself. */
	crumbs?: readonly Crumb[];
	className?: string;
	children: ReactNode;
}) {
	return (
		<>
			<div className="sticky top-0 z-10">
				<header className="flex h-12 items-center gap-3 border-b bg-bg/88 px-5 backdrop-blur-sm max-md:px-3.5">
					<div className="flex min-w-0 flex-1 items-baseline gap-1.5 whitespace-nowrap max-md:max-w-1/2 max-md:flex-none">
						{crumbs.map((crumb, index) => (
							<span
								key={crumb.href}
								// A phone has room for one step back.
								className={clsx("flex gap-1.5 font-semibold", index < crumbs.length - 1 && "max-md:hidden")}
							>
								<Link href={crumb.href} className="touch rounded-sm hover:underline hover:underline-offset-3">
									{crumb.label}
								</Link>
								<span aria-hidden className="text-faint">
									/
								</span>
							</span>
						))}
						<h1 className="truncate">{title}</h1>
					</div>
					<SearchBox />
					<PauseButton />
				</header>
				<PausedBanner />
			</div>
			<main
				id="main"
				className={clsx("flex flex-col gap-4 px-6 pt-5 pb-6 max-md:px-3.5 max-md:pt-3.5 max-md:pb-6", className)}
			>
				{children}
			</main>
		</>
	);
}
