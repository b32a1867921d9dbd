"use client";

import { useQuery } from "@tanstack/react-query";
import { PackageOpen } from "lucide-react";
import dynamic from "next/dynamic";
import { type ComponentProps, useState } from "react";
import type { SetPolicy } from "@/components/channels/channel-actions";
import { usePageShortcuts } from "@/components/layout/page-shortcuts";
import { useShell } from "@/components/layout/shell-context";
import { PolicyDialog } from "@/components/policies/policy-dialog";
import { Button, ButtonLink } from "@/components/ui/button";
import { Tag } from "@/components/ui/tag";
import { countOf } from "@/lib/format/number";
import { type SkuView as Sku, type SkuSlot, skuQuery } from "@/lib/queries/skus";
import { type AdjustAction, AdjustDialog } from "./adjust-dialog";
import { BundlePanel } from "./bundle-panel";
import type { SetComponentsAction } from "./components-dialog";
import { FormulaPanel } from "./formula-panel";
import { HistoryPanel } from "./history-panel";
import { MovementsPanel } from "./movements-panel";
import { SharesPanel } from "./shares-panel";
import { type SharingActions, SharingDialog } from "./sharing-dialog";

const ComponentsDialog = dynamic(() => import("./components-dialog").then((dialog) => dialog.ComponentsDialog));

/** Why is it 4, and who may sell how many? */
export function SkuView({
	skuId,
	adjust,
	setPolicy,
	sharing,
	setComponents,
}: {
	skuId: string;
	adjust: AdjustAction;
	setPolicy: SetPolicy;
	sharing: SharingActions;
	setComponents: SetComponentsAction;
}) {
	const { data: sku } = useQuery(skuQuery(skuId));
	const { me } = useShell();
	const [isAdjusting, setIsAdjusting] = useState(false);
	/** What brought a person to how stores share it. */
	const [sharingFor, setSharingFor] = useState<"share" | "launch" | null>(null);
	const [isBundling, setIsBundling] = useState(false);
	/** Whose rules are open: the SKU's, or one listing's. */
	const [ruled, setRuled] = useState<Sku | SkuSlot | null>(null);
	const mayManage = me.role === "owner" || me.role === "manager";
	const mayAdjust = me.role !== "viewer" && sku !== undefined && !sku.isBundle;
	usePageShortcuts("SKU", [
		{ keys: "a", shown: "A", label: "Adjust stock", run: () => mayAdjust && setIsAdjusting(true) },
	]);
	if (!sku) return null;
	return (
		<>
			<div className="flex items-center gap-2 max-md:flex-wrap">
				<Picture sku={sku} />
				<div className="min-w-0 flex-1 pl-1 max-md:basis-2/3 md:pl-2">
					<p className="flex items-center gap-2 text-title font-semibold">
						<span className="truncate">{[sku.title, sku.options].filter(Boolean).join(", ")}</span>
						{sku.isBundle && <Tag>bundle</Tag>}
						{sku.isArchived && <Tag tone="warn">archived</Tag>}
					</p>
					<p className="num truncate text-small text-muted">{aboutOf(sku)}</p>
				</div>
				<ButtonLink href={`/activity?q=sku%3A%22${encodeURIComponent(sku.code)}%22`}>History</ButtonLink>
				{mayManage && <Button onClick={() => setRuled(sku)}>Rules</Button>}
				{mayManage && sku.bundles.length === 0 && !sku.isBundle && (
					<Button onClick={() => setIsBundling(true)}>Make a bundle</Button>
				)}
				<Button
					onClick={() => setSharingFor("launch")}
					disabled={!mayManage || sku.isBundle}
					title={
						!mayManage
							? "This needs the role manager or above."
							: sku.isBundle
								? "A bundle is split with what it is made of. Mark the launch of those."
								: undefined
					}
				>
					Launch
				</Button>
				<Button
					hint="A"
					onClick={() => setIsAdjusting(true)}
					disabled={!mayAdjust}
					title={
						sku.isBundle
							? "A bundle has no stock of its own. Adjust what it is made of."
							: mayAdjust
								? undefined
								: "This needs the role support or above."
					}
				>
					Adjust stock
				</Button>
			</div>
			<FormulaPanel sku={sku} onChangeRules={mayManage ? () => setRuled(sku) : null} />
			<BundlePanel sku={sku} onChange={mayManage ? () => setIsBundling(true) : null} />
			<div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)]">
				<SharesPanel
					sku={sku}
					onChangeRules={mayManage ? setRuled : null}
					onChangeSharing={mayManage && !sku.isBundle ? () => setSharingFor("share") : null}
				/>
				<MovementsPanel skuId={sku.id} sum={sku.levels.reduce((total, { onHand }) => total + onHand, 0)} />
			</div>
			<HistoryPanel skuId={sku.id} isBundle={sku.isBundle} />
			{ruled && (
				<PolicyDialog
					{...rulesOf(sku, ruled)}
					mayManage={mayManage}
					setPolicy={setPolicy}
					onClose={() => setRuled(null)}
				/>
			)}
			{sharingFor && (
				<SharingDialog
					sku={sku}
					title={sharingFor === "launch" ? "A launch" : "How stores share it"}
					actions={sharing}
					onClose={() => setSharingFor(null)}
				/>
			)}
			{isBundling && <ComponentsDialog sku={sku} setComponents={setComponents} onClose={() => setIsBundling(false)} />}
			{isAdjusting && <AdjustDialog sku={sku} adjust={adjust} onClose={() => setIsAdjusting(false)} />}
		</>
	);
}

/** Which rules a dialog shows, and what it calls them. */
function rulesOf(
	sku: Sku,
	ruled: Sku | SkuSlot,
): Pick<ComponentProps<typeof PolicyDialog>, "title" | "description" | "target"> {
	if ("slotId" in ruled)
		return {
			title: "Rules for this listing",
			description: `${ruled.listing} on ${ruled.channel.name}`,
			target: { level: "listing", id: ruled.listingId },
		};
	return {
		title: "Rules for this SKU",
		description: `${sku.code}, in every store`,
		target: { level: "sku", id: sku.id },
	};
}

function Picture({ sku }: { sku: Sku }) {
	const frame = "size-11 shrink-0 rounded-[9px] border bg-sunk";
	return sku.imageUrl ? (
		// Pictures come from the stores, in any size and from any host.
		// biome-ignore lint/performance/noImgElement: as above
		<img src={sku.imageUrl} alt="" className={`${frame} object-cover`} />
	) : (
		<span aria-hidden className={`${frame} grid place-items-center text-muted`}>
			<PackageOpen className="size-4" />
		</span>
	);
}

function aboutOf(sku: Sku): string {
	const channels = new Set(sku.slots.map(({ channel }) => channel.id)).size;
	return [
		sku.code,
		sku.gtin?.replace(/^0+/, ""),
		countOf(channels, "channel"),
		sku.bundles.length > 0 && `component of ${countOf(sku.bundles.length, "bundle")}`,
		sku.components.length > 0 && `made of ${countOf(sku.components.length, "SKU")}`,
	]
		.filter(Boolean)
		.join(" · ");
}
