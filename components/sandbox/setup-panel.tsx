"use client";

import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import type { SandboxStoreView } from "@/lib/queries/sandbox";
import { type SandboxActions, useSetting } from "./sandbox-actions";

/** What a merchant may have set otherwise in the store's own admin; Onecount should say what to mend there. */
export function SetupPanel({ store, actions }: { store: SandboxStoreView; actions: SandboxActions }) {
	const change = useSetting((next: { key: string; value: string }) => actions.setUp(store.id, next));
	return (
		<Panel title="Set up in its admin" isPadded>
			<div className="flex flex-col gap-3">
				{store.setup.map(({ key, label, hint, isSwitch, choices, value }) =>
					isSwitch ? (
						<Switch
							key={key}
							label={label}
							hint={hint ?? undefined}
							isOn={value === "on"}
							onChange={(isOn) => change.mutate({ key, value: isOn ? "on" : "off" })}
						/>
					) : (
						<div key={key}>
							<Select
								label={label}
								value={value}
								options={choices}
								onChange={(next) => change.mutate({ key, value: next })}
							/>
							{hint && <p className="mt-1 text-small text-muted">{hint}</p>}
						</div>
					),
				)}
			</div>
		</Panel>
	);
}
