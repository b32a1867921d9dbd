"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState, useTransition } from "react";
import type { Outcome } from "@/components/channels/channel-actions";
import { answered } from "@/components/layout/answered";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { showDone } from "@/components/ui/toast";
import { strategyOptions, strategyWords, whyWords } from "@/lib/format/strategy";
import { type SkuView, skuKey } from "@/lib/queries/skus";
import type { Strategy } from "@/lib/stock/strategy";

export type SharingActions = {
	setStrategy: (skuId: string, strategy: Strategy | null) => Promise<Outcome>;
	markLaunch: (skuId: string, launch: { from: string; until: string } | null) => Promise<Outcome>;
};

const inherit = "inherit";

const whyNoLaunch = {
	shared:
		"A launch can't be marked where every store shows all of it. Choose Adaptive: shared until it begins, then split.",
	escrow: "A launch needs no mark here: it is split all the time.",
} as const satisfies Record<Exclude<Strategy, "adaptive">, string>;

/** Whether the stores share the stock of one SKU or split it, and the launch that is marked for it. */
export function SharingDialog({
	sku,
	title,
	actions,
	onClose,
}: {
	sku: SkuView;
	title: string;
	actions: SharingActions;
	onClose: () => void;
}) {
	const { sharing } = sku;
	const [strategy, setStrategy] = useState<Strategy | typeof inherit>(sharing.own ?? inherit);
	const [from, setFrom] = useState(localTime(sharing.launch?.from ?? null));
	const [until, setUntil] = useState(localTime(sharing.launch?.until ?? null));
	const [error, setError] = useState<string | null>(null);
	const [isKeeping, startKeeping] = useTransition();
	const queries = useQueryClient();
	const inForce = strategy === inherit ? sharing.inherited : strategy;
	const isAdaptive = inForce === "adaptive";

	const keep = () =>
		startKeeping(async () => {
			const chosen = strategy === inherit ? null : strategy;
			const launch = isAdaptive ? launchOf(from, until) : null;
			if (launch === "half") return setError("A launch has a begin and an end: set both, or clear both.");
			const outcome = chosen === sharing.own ? ok : await answered(actions.setStrategy(sku.id, chosen));
			const marked =
				outcome.ok && !isSame(launch, sharing.launch) ? await answered(actions.markLaunch(sku.id, launch)) : outcome;
			if (!marked.ok) return setError(marked.sentence);
			await queries.invalidateQueries({ queryKey: skuKey(sku.id) });
			showDone("Kept", { detail: "The stores are told at once." });
			onClose();
		});

	return (
		<Dialog title={title} description={whyWords(sharing)} isOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
			<form
				className="flex flex-col gap-3"
				onSubmit={(event) => {
					event.preventDefault();
					keep();
				}}
			>
				<Select
					label="Strategy"
					value={strategy}
					onChange={setStrategy}
					options={[
						{
							value: inherit,
							label: `As its stores and the shop: ${strategyWords[sharing.inherited].name.toLowerCase()}`,
						},
						...strategyOptions,
					]}
				/>
				{!isAdaptive && <p className="text-small text-muted">{whyNoLaunch[inForce]}</p>}
				{isAdaptive && (
					<div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
						<TextField
							label="A launch begins"
							type="datetime-local"
							value={from}
							onChange={(event) => setFrom(event.target.value)}
							hint="Split from its first second on."
						/>
						<TextField
							label="and ends"
							type="datetime-local"
							value={until}
							onChange={(event) => setUntil(event.target.value)}
						/>
					</div>
				)}
				{error && (
					<p role="alert" className="text-small text-bad">
						{error}
					</p>
				)}
				<div className="flex justify-end gap-2">
					<Button onClick={onClose}>Cancel</Button>
					<Button kind="ink" type="submit" disabled={isKeeping}>
						Keep
					</Button>
				</div>
			</form>
		</Dialog>
	);
}

const ok: Outcome = { ok: true, value: undefined };

/** As the browser's clock shows it. */
function localTime(ms: number | null): string {
	if (ms === null) return "";
	const at = new Date(ms);
	return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function launchOf(from: string, until: string): { from: string; until: string } | null | "half" {
	if (from === "" && until === "") return null;
	if (from === "" || until === "") return "half";
	return { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
}

/** To the minute, as far as it can be typed. */
const isSame = (typed: { from: string; until: string } | null, kept: SkuView["sharing"]["launch"]): boolean =>
	typed === null || kept === null
		? typed === kept
		: localTime(Date.parse(typed.from)) === localTime(kept.from) &&
			localTime(Date.parse(typed.until)) === localTime(kept.until);
