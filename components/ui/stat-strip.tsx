import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";

export type Stat = {
	key: string;
	label: ReactNode;
	/** The number that answers the page's question, with its unit: "48,211", "1.3 s". */
	value: ReactNode;
	/** What it counts, or what would be best. */
	hint: ReactNode;
	/** Opens what made it. */
	href?: string;
	tone?: "bad" | "warn";
};

/** The few numbers that answer a page's question, big and side by side; two by two on a phone. */
export function StatStrip({ stats, label }: { stats: readonly Stat[]; label: string }) {
	return (
		<section
			aria-label={label}
			className="grid grid-cols-2 overflow-hidden rounded-lg border bg-line gap-px md:auto-cols-fr md:grid-flow-col md:grid-cols-none"
		>
			{stats.map((stat) => {
				const body = (
					<>
						<span className="block text-small text-muted">{stat.label}</span>
						<span
							className={clsx(
								"num block text-number font-semibold",
								stat.tone === "bad" && "text-bad",
								stat.tone === "warn" && "text-warn",
							)}
						>
							{stat.value}
						</span>
						<span className="block text-small text-muted">{stat.hint}</span>
					</>
				);
				const box = "block min-w-0 bg-panel px-4 py-3.5";
				return stat.href ? (
					<Link
						key={stat.key}
						href={stat.href}
						className={clsx(box, "focus-inside transition-[background-color] hover:bg-sunk")}
					>
						{body}
					</Link>
				) : (
					<div key={stat.key} className={box}>
						{body}
					</div>
				);
			})}
		</section>
	);
}
