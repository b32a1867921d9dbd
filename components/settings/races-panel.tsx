"use client";

import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import { losingChoice, losingOptions, losingValue, raceRuleOptions } from "@/lib/format/races";
import type { RaceRule } from "@/lib/stock/competing-edits";
import type { LosingPolicy } from "@/lib/stock/losing-order";
import type { SettingsActions } from "./settings-actions";
import { useChange } from "./use-change";

/** Who wins where two were faster than the news: two buyers of one unit, two hands at one number. */
export function RacesPanel({
	losing,
	raceRule,
	channels,
	mayManage,
	actions,
}: {
	losing: LosingPolicy;
	raceRule: RaceRule;
	channels: readonly { id: string; name: string }[];
	mayManage: boolean;
	actions: SettingsActions;
}) {
	const changeLosing = useChange(actions.setLosingRule);
	const changeRace = useChange(actions.setRaceRule);
	return (
		<Panel title="Races" hint={mayManage ? undefined : "an owner or a manager changes them"} isPadded>
			<div className="flex flex-col gap-4">
				<Select
					label="More was sold than there is: who loses"
					value={losingValue(changeLosing.isPending ? changeLosing.variables : losing)}
					onChange={(next) => changeLosing.mutate(losingChoice(next))}
					options={losingOptions(channels)}
					isDisabled={!mayManage}
					className="max-w-80"
				/>
				<Select
					label="A number was changed here and in a store"
					value={changeRace.isPending ? changeRace.variables : raceRule}
					onChange={(next) => changeRace.mutate(next)}
					options={raceRuleOptions}
					isDisabled={!mayManage}
					className="max-w-80"
				/>
			</div>
		</Panel>
	);
}
