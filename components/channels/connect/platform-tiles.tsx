"use client";

import { Search } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { MakeMenu } from "@/components/sandbox/make-menu";
import type { SandboxActions } from "@/components/sandbox/sandbox-actions";
import { Panel, PanelState } from "@/components/ui/panel";
import { Tag } from "@/components/ui/tag";
import { TextField } from "@/components/ui/text-field";
import { wordList } from "@/lib/format/list";
import { type PlatformKey, platformKeys, platformLabel, platformWords } from "@/lib/format/platforms";

/** What kind of store is it? Those that can't be connected yet say so. */
export function PlatformTiles({
	connectable,
	sandbox,
}: {
	connectable: readonly string[];
	/** The kinds of sandbox store, and what makes one; null: there are none here. */
	sandbox: { platforms: readonly PlatformKey[]; make: SandboxActions["make"] } | null;
}) {
	const [text, setText] = useState("");
	const wanted = text.trim().toLowerCase();
	const found = platformKeys.filter((platform) => {
		const { label, also } = platformWords[platform];
		return `${label} ${also}`.toLowerCase().includes(wanted);
	});
	const isReady = (platform: PlatformKey) => connectable.includes(platform);
	const sorted = [...found.filter(isReady), ...found.filter((platform) => !isReady(platform))];
	return (
		<Panel
			title="What kind of store is it?"
			footer={
				sandbox ? (
					<span>
						Only looking around?{" "}
						<MakeMenu
							{...sandbox}
							trigger={(isBusy) => (
								<button
									type="button"
									aria-busy={isBusy}
									disabled={isBusy}
									className="touch rounded-sm text-text underline underline-offset-3 disabled:opacity-45"
								>
									Make a sandbox store
								</button>
							)}
						/>{" "}
						that behaves like a real one, and connect that.
					</span>
				) : undefined
			}
			className="w-full max-w-160"
		>
			<div className="border-b p-3.5">
				<TextField
					label="Find a platform"
					isLabelHidden
					placeholder="Shopify, WooCommerce, …"
					type="search"
					value={text}
					onChange={(event) => setText(event.target.value)}
				/>
			</div>
			{sorted.length === 0 ? (
				<PanelState
					kind="filtered"
					sentence={`No platform is called “${text.trim()}”.`}
					detail={`${wordList(connectable.map(platformLabel))} can be connected.`}
					action={
						<button
							type="button"
							onClick={() => setText("")}
							className="touch inline-flex items-center gap-1.5 rounded-sm underline underline-offset-3"
						>
							<Search aria-hidden className="size-3.5" /> Show all
						</button>
					}
				/>
			) : (
				<ul>
					{sorted.map((platform) => (
						<li key={platform} className="border-b last:border-b-0">
							<TileRow platform={platform} isReady={isReady(platform)} />
						</li>
					))}
				</ul>
			)}
		</Panel>
	);
}

function TileRow({ platform, isReady }: { platform: PlatformKey; isReady: boolean }) {
	const { label, needs, minutes } = platformWords[platform];
	const body = (
		<>
			<PlatformPlate platform={platform} label="" className="mt-0.5" />
			<span className="min-w-0 flex-1">
				<span className="block font-semibold">{label}</span>
				<span className="block text-small text-muted">You need {needs}.</span>
			</span>
			{isReady ? <span className="shrink-0 text-small text-muted">about {minutes} minutes</span> : <Tag>coming</Tag>}
		</>
	);
	const row = "flex gap-3 px-3.5 py-3";
	if (!isReady) return <div className={`${row} text-muted`}>{body}</div>;
	return (
		<Link
			href={`/channels/connect/${platform}`}
			className={`${row} focus-inside transition-[background-color] hover:bg-sunk`}
		>
			{body}
		</Link>
	);
}
