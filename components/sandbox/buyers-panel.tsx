"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import type { SandboxStoreView } from "@/lib/queries/sandbox";
import { type SandboxActions, useSetting } from "./sandbox-actions";

const rates = [0, 1, 3, 4, 12, 30, 60, 120];

/** Made-up buyers: how many, and whether they come at all. */
export function BuyersPanel({ store, actions }: { store: SandboxStoreView; actions: SandboxActions }) {
	const buyers = useSetting((rate: number) => actions.setBuyers(store.id, rate));
	const [before, setBefore] = useState(store.lifePerMinute || 4);
	const isQuiet = store.lifePerMinute === 0;
	const options = [...new Set([...rates, store.lifePerMinute])]
		.sort((a, b) => a - b)
		.map((rate) => ({ value: String(rate), label: rate === 0 ? "Nobody" : `${rate} a minute` }));
	return (
		<Panel title="Made-up buyers" isPadded>
			<div className="flex items-end gap-2">
				<Select
					label="Orders"
					value={String(store.lifePerMinute)}
					options={options}
					isDisabled={buyers.isPending}
					onChange={(rate) => buyers.mutate(Number(rate))}
					className="flex-1"
				/>
				<Button
					isBusy={buyers.isPending}
					onClick={() => {
						if (!isQuiet) setBefore(store.lifePerMinute);
						buyers.mutate(isQuiet ? before : 0);
					}}
				>
					{isQuiet ? "Let them buy" : "Pause"}
				</Button>
			</div>
			<p className="mt-2 text-small text-muted">Few products sell most; some buyers cancel or return.</p>
		</Panel>
	);
}
