"use client";

import { type FormEvent, useMemo, useState } from "react";
import { applyTheme, type Theme, themeOptions } from "@/components/layout/theme";
import { Button } from "@/components/ui/button";
import { Combobox, type ComboboxOption } from "@/components/ui/combobox";
import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import type { Settings } from "@/lib/queries/settings";
import type { SettingsActions } from "./settings-actions";
import { useChange } from "./use-change";

const zoneOption = (zone: string): ComboboxOption => ({ value: zone, label: zone.replaceAll("_", " ") });

/** What the shop is called, the zone of its moments, and how this browser looks. */
export function ShopPanel({
	settings,
	theme: kept,
	isOwner,
	actions,
}: {
	settings: Settings;
	theme: Theme;
	isOwner: boolean;
	actions: SettingsActions;
}) {
	const [name, setName] = useState(settings.name);
	const [zone, setZone] = useState(zoneOption(settings.timeZone));
	const [theme, setTheme] = useState<Theme>(kept);
	const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone")].map(zoneOption), []);
	const describe = useChange(actions.describeShop, { isSilent: true });
	const isChanged = name.trim() !== settings.name || zone.value !== settings.timeZone;
	const submit = (event: FormEvent) => {
		event.preventDefault();
		describe.mutate({ name, timeZone: zone.value });
	};
	return (
		<Panel title="Shop and looks" isPadded>
			<div className="flex flex-col gap-4">
				<form onSubmit={submit} className="flex flex-col gap-3">
					<TextField
						label="Name"
						value={name}
						error={describe.error?.message}
						disabled={!isOwner}
						onChange={(event) => setName(event.target.value)}
					/>
					<Combobox
						label="Time zone"
						options={zones}
						value={zone}
						isDisabled={!isOwner}
						onChange={(option) => option && setZone(option)}
					/>
					{isChanged && (
						<Button type="submit" isBusy={describe.isPending} className="self-start">
							Keep
						</Button>
					)}
				</form>
				<Select
					label="Theme, in this browser"
					value={theme}
					options={themeOptions}
					onChange={(next) => {
						setTheme(next);
						applyTheme(next);
					}}
				/>
			</div>
		</Panel>
	);
}
