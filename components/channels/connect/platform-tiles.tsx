"use client";

import { Search } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { type PlatformKey, PlatformPlate, platformPlates } from "@/components/channel/platform-plate";
import { Panel, PanelState } from "@/components/ui/panel";
import { Tag } from "@/components/ui/tag";
import { TextField } from "@/components/ui/text-field";

type Tile = { platform: PlatformKey; needs: string; minutes: string; also: string };

const tiles: Tile[] = [
	{
		platform: "shopify",
		needs: "the shop's .myshopify.com name, and an owner or staff member who may install apps",
		minutes: "about 3 minutes",
		also: "admin graphql oauth",
	},
	{
		platform: "woocommerce",
		needs: "the shop's address, and an administrator or shop manager of its WordPress",
		minutes: "about 3 minutes",
		also: "wordpress woo wp",
	},
	{ platform: "bigcommerce", needs: "an API account of the store", minutes: "", also: "" },
	{ platform: "amazon", needs: "a Seller Central login with API access", minutes: "", also: "marketplace sp-api" },
	{ platform: "magento", needs: "an integration token", minutes: "", also: "adobe commerce" },
	{
		platform: "api2cart",
		needs: "an API2Cart account",
		minutes: "",
		also: "prestashop opencart shopware wix ebay etsy",
	},
];

/** What kind of store is it? Those that can't be connected yet say so. */
export function PlatformTiles({ connectable, hasSandbox }: { connectable: readonly string[]; hasSandbox: boolean }) {
	const [text, setText] = useState("");
	const wanted = text.trim().toLowerCase();
	const found = tiles.filter(({ platform, also }) =>
		`${platformPlates[platform].name} ${also}`.toLowerCase().includes(wanted),
	);
	const isReady = ({ platform }: Tile) => connectable.includes(platform);
	const sorted = [...found.filter(isReady), ...found.filter((tile) => !isReady(tile))];
	return (
		<Panel
			title="What kind of store is it?"
			footer={
				hasSandbox ? (
					<span>
						Only looking around?{" "}
						<Link href="/sandbox" className="touch rounded-sm text-text underline underline-offset-3">
							Make a sandbox store
						</Link>{" "}
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
					detail="Shopify and WooCommerce can be connected today."
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
					{sorted.map((tile) => (
						<li key={tile.platform} className="border-b last:border-b-0">
							<TileRow tile={tile} isReady={isReady(tile)} />
						</li>
					))}
				</ul>
			)}
		</Panel>
	);
}

function TileRow({ tile, isReady }: { tile: Tile; isReady: boolean }) {
	const { name } = platformPlates[tile.platform];
	const body = (
		<>
			<PlatformPlate platform={tile.platform} label="" className="mt-0.5" />
			<span className="min-w-0 flex-1">
				<span className="block font-semibold">{name}</span>
				<span className="block text-small text-muted">You need {tile.needs}.</span>
			</span>
			{isReady ? <span className="text-small text-muted">{tile.minutes}</span> : <Tag>coming</Tag>}
		</>
	);
	const row = "flex gap-3 px-3.5 py-3";
	if (!isReady) return <div className={`${row} text-muted`}>{body}</div>;
	return (
		<Link
			href={`/channels/connect/${tile.platform}`}
			className={`${row} focus-inside transition-[background-color] hover:bg-sunk`}
		>
			{body}
		</Link>
	);
}
