"use client";

import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { useShell } from "@/components/layout/shell-context";
import { Button } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { countOf } from "@/lib/format/number";
import type { PlatformKey } from "@/lib/format/platforms";
import { type SandboxStoreSummary, sandboxStoreQuery, sandboxStoresQuery } from "@/lib/queries/sandbox";
import { BuyersPanel } from "./buyers-panel";
import { KeysPanel } from "./keys-panel";
import { KnobsPanel } from "./knobs-panel";
import { MakeMenu } from "./make-menu";
import { OrdersPanel } from "./orders-panel";
import type { SandboxActions } from "./sandbox-actions";
import { SetupPanel } from "./setup-panel";
import { ShelfPanel } from "./shelf-panel";
import { WirePanel } from "./wire-panel";

/** Toy stores that speak each platform's real protocol: what would the real world do, and does the count hold? */
export function SandboxPage({
	storeId,
	platforms,
	actions,
}: {
	storeId: string | null;
	platforms: readonly PlatformKey[];
	actions: SandboxActions;
}) {
	const { data: stores = [] } = useQuery(sandboxStoresQuery());
	const { me } = useShell();
	const mayManage = me.role === "owner" || me.role === "manager";
	const shownId = stores.some(({ id }) => id === storeId) ? storeId : (stores[0]?.id ?? null);
	return (
		<>
			<div className="flex flex-wrap items-center gap-2">
				<p className="text-muted">
					Toy stores that speak each platform's real protocol. What you do here is what the outside world does.{" "}
					<Link href="/settings/strategies" className="underline underline-offset-3">
						What would each strategy cost?
					</Link>
				</p>
				{mayManage && (
					<span className="ml-auto max-md:w-full max-md:*:w-full">
						<MakeMenu
							platforms={platforms}
							make={actions.make}
							trigger={(isBusy) => (
								<Button kind={stores.length === 0 ? "ink" : "plain"} isBusy={isBusy}>
									Make a store
								</Button>
							)}
						/>
					</span>
				)}
			</div>
			{shownId === null ? (
				<Panel title="Sandbox stores">
					<PanelState
						kind="empty"
						sentence="A toy store will stand here, with its shelf, its orders and what comes over the wire."
						detail={mayManage ? "Make one above; it takes a second." : "An owner or a manager can make one."}
						ghost={<SkeletonRows rows={6} isStill />}
					/>
				</Panel>
			) : (
				<>
					<nav aria-label="Sandbox stores" className="flex gap-2 overflow-x-auto p-0.5 -m-0.5">
						{stores.map((store) => (
							<StoreTab key={store.id} store={store} isHere={store.id === shownId} />
						))}
					</nav>
					<Store key={shownId} storeId={shownId} actions={actions} />
				</>
			)}
		</>
	);
}

function StoreTab({ store, isHere }: { store: SandboxStoreSummary; isHere: boolean }) {
	const link = useRef<HTMLAnchorElement>(null);
	useEffect(() => {
		if (isHere) link.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
	}, [isHere]);
	return (
		<Link
			ref={link}
			href={`/sandbox?store=${store.id}`}
			scroll={false}
			aria-current={isHere ? "page" : undefined}
			className={clsx(
				"flex shrink-0 items-center gap-2 rounded-lg border bg-panel px-3 py-2 transition-[background-color] hover:bg-sunk",
				isHere && "border-line-strong bg-sunk",
			)}
		>
			<PlatformPlate platform={store.platform} />
			<span>
				<span className="block font-semibold">{store.name}</span>
				<span className="flex items-center gap-1.5 text-small text-muted">
					<StateShape kind={store.turnedKnobs > 0 ? "warn" : store.channelId ? "ok" : "none"} />
					{store.channelId ? "connected" : "not connected"}
					{store.lifePerMinute > 0 && `, ${countOf(store.lifePerMinute, "order")} a minute`}
					{store.turnedKnobs > 0 && ", a bad day"}
				</span>
			</span>
		</Link>
	);
}

function Store({ storeId, actions }: { storeId: string; actions: SandboxActions }) {
	const { data: store, error, refetch } = useQuery(sandboxStoreQuery(storeId));
	if (error && !store)
		return (
			<Panel title="Sandbox store">
				<PanelState
					kind="failed"
					sentence={error.message}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			</Panel>
		);
	if (!store)
		return (
			<Panel aria-label="Loading" aria-busy>
				<SkeletonRows rows={12} />
			</Panel>
		);
	return (
		<div className="grid grid-cols-[minmax(0,5fr)_minmax(0,3fr)] items-start gap-4 max-lg:grid-cols-1">
			<div className="flex min-w-0 flex-col gap-4">
				<ShelfPanel store={store} actions={actions} />
				<OrdersPanel store={store} actions={actions} />
				<WirePanel store={store} />
			</div>
			<div className="flex min-w-0 flex-col gap-4">
				<KeysPanel store={store} actions={actions} />
				<BuyersPanel store={store} actions={actions} />
				<KnobsPanel store={store} actions={actions} />
				{store.setup.length > 0 && <SetupPanel store={store} actions={actions} />}
			</div>
		</div>
	);
}
