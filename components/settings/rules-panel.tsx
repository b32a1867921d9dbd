"use client";

import Link from "next/link";
import { PolicyForm } from "@/components/policies/policy-form";
import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import { strategyOptions } from "@/lib/format/strategy";
import type { Strategy } from "@/lib/stock/strategy";
import type { SettingsActions } from "./settings-actions";
import { useChange } from "./use-change";

/** What every store is offered, where a store, a SKU or a listing has no rule of its own. */
export function RulesPanel({
	strategy,
	mayManage,
	actions,
}: {
	strategy: Strategy;
	mayManage: boolean;
	actions: SettingsActions;
}) {
	const change = useChange(actions.setStrategy);
	return (
		<Panel title="Rules everywhere" hint={mayManage ? undefined : "an owner or a manager changes them"} isPadded>
			<div className="flex flex-col gap-4">
				<Select
					label="How stores share a SKU's stock"
					value={change.isPending ? change.variables : strategy}
					onChange={(next) => change.mutate(next)}
					options={strategyOptions}
					isDisabled={!mayManage}
					className="max-w-80"
				/>
				<Link href="/settings/strategies" className="-mt-2 self-start text-small underline underline-offset-3">
					See what each costs
				</Link>
				<PolicyForm target={{ level: "merchant" }} mayManage={mayManage} setPolicy={actions.setPolicy} />
			</div>
		</Panel>
	);
}
