"use client";

import { clsx } from "clsx";
import Link from "next/link";
import { useShell } from "@/components/layout/shell-context";
import { ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import type { Setup } from "@/lib/queries/overview";

/** The way from an empty shop to one that counts: each step says how it stands, and the next one is the thing to press. */
export function SetupPanel({ setup, isFirstRun = false }: { setup: Setup | null; isFirstRun?: boolean }) {
	const { hasSandbox } = useShell();
	if (!setup) return null;
	const next = setup.steps.find(({ isDone, isOptional }) => !isDone && !isOptional);
	return (
		<Panel
			title={isFirstRun ? "One true count, in four steps" : "Getting started"}
			tag={
				<Tag isNumber>
					{setup.done} of {setup.needed}
				</Tag>
			}
			footer={
				isFirstRun && hasSandbox ? (
					<span>
						No store at hand?{" "}
						<Link href="/sandbox" className="touch rounded-sm text-text underline underline-offset-3">
							Make a sandbox store
						</Link>{" "}
						by one click: it behaves like the real platform, orders and webhooks included.
					</span>
				) : undefined
			}
			hint="nothing is written to a store before you have seen what would change"
		>
			<ol>
				{setup.steps.map((step, at) => (
					<li
						key={step.key}
						className="grid min-h-13 grid-cols-[20px_minmax(0,1fr)_auto] items-center gap-3 border-b px-3.5 py-2 last:border-b-0"
					>
						{step.isDone ? (
							<StateShape kind="ok" label="done" className="justify-self-center" />
						) : (
							<span className="num justify-self-center text-small text-muted">{step.isOptional ? "+" : at + 1}</span>
						)}
						<div className="min-w-0">
							<div className={clsx("truncate", step === next && "font-semibold", step.isDone && "text-muted")}>
								{step.title}
							</div>
							<div className="truncate text-small text-muted">{step.fact}</div>
						</div>
						{!step.isDone && (
							<ButtonLink kind={step === next ? "ink" : "quiet"} href={step.href}>
								{step.button}
							</ButtonLink>
						)}
					</li>
				))}
			</ol>
		</Panel>
	);
}
