"use client";

import { useQuery } from "@tanstack/react-query";
import { useShell } from "@/components/layout/shell-context";
import type { Theme } from "@/components/layout/theme";
import { Button } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { type Environment, settingsQuery } from "@/lib/queries/settings";
import { ApiKeysPanel } from "./api-keys-panel";
import { EnginePanel } from "./engine-panel";
import { EnvironmentPanel } from "./environment-panel";
import { PasswordPanel } from "./password-panel";
import { PeoplePanel } from "./people-panel";
import { RacesPanel } from "./races-panel";
import { RulesPanel } from "./rules-panel";
import type { SettingsActions } from "./settings-actions";
import { ShopPanel } from "./shop-panel";
import { WebhooksPanel } from "./webhooks/webhooks-panel";

/** Who and which systems may do what, which rules hold everywhere, and how this installation is. */
export function SettingsPage({
	userId,
	hasPassword,
	theme,
	environment,
	seesEngine,
	actions,
}: {
	userId: string;
	hasPassword: boolean;
	theme: Theme;
	/** Null: below manager. */
	environment: Environment | null;
	/** There is no other merchant whose work the engine's figures would tell. */
	seesEngine: boolean;
	actions: SettingsActions;
}) {
	const { data: settings, error, refetch } = useQuery(settingsQuery());
	const { me } = useShell();
	if (error && !settings)
		return (
			<Panel title="Settings">
				<PanelState
					kind="failed"
					sentence={error.message}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			</Panel>
		);
	if (!settings)
		return (
			<Panel aria-label="Loading" aria-busy>
				<SkeletonRows rows={10} />
			</Panel>
		);
	const isOwner = me.role === "owner";
	const mayManage = isOwner || me.role === "manager";
	return (
		<div className="grid grid-cols-2 items-start gap-4 max-lg:grid-cols-1">
			<div className="flex min-w-0 flex-col gap-4">
				<PeoplePanel people={settings.people} userId={userId} isOwner={isOwner} actions={actions} />
				<PasswordPanel hasPassword={hasPassword} setPassword={actions.setPassword} />
				<RulesPanel strategy={settings.strategy} mayManage={mayManage} actions={actions} />
				<RacesPanel
					losing={settings.losing}
					raceRule={settings.raceRule}
					channels={settings.channels}
					mayManage={mayManage}
					actions={actions}
				/>
				<ShopPanel settings={settings} theme={theme} isOwner={isOwner} actions={actions} />
			</div>
			<div className="flex min-w-0 flex-col gap-4">
				{mayManage && (
					<>
						<ApiKeysPanel actions={actions} />
						<WebhooksPanel makeEndpoint={actions.makeEndpoint} />
					</>
				)}
				{environment ? (
					<>
						<EnvironmentPanel environment={environment} />
						{environment.engine === "embedded" && seesEngine && <EnginePanel />}
					</>
				) : (
					<Panel title="This installation">
						<PanelState
							kind="forbidden"
							sentence="Owners and managers see how this installation is set up."
							detail="An owner can change your role."
						/>
					</Panel>
				)}
			</div>
		</div>
	);
}
