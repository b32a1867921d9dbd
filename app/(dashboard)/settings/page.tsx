import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { cookies } from "next/headers";
import { Page } from "@/components/layout/page";
import { readTheme, themeCookie } from "@/components/layout/theme";
import { SettingsPage } from "@/components/settings/settings-page";
import { dbFor } from "@/db/client";
import { requireMember } from "@/lib/auth/gate";
import { hasPassword } from "@/lib/auth/set-password";
import { makeQueryClient } from "@/lib/queries/query-client";
import { settingsQuery } from "@/lib/queries/settings";
import { isAtLeast } from "@/lib/services/context";
import { seesEngine } from "@/lib/services/settings/read-engine";
import { readEnvironment } from "@/lib/services/settings/read-environment";
import { readSettings } from "@/lib/services/settings/read-settings";
import { setOfferPolicyAction } from "../policy-actions";
import * as act from "./actions";

export const metadata: Metadata = { title: "Settings" };

export default async function Settings() {
	const member = await requireMember();
	const client = makeQueryClient();
	client.setQueryData(settingsQuery().queryKey, await readSettings(member));
	return (
		<Page title="Settings">
			<HydrationBoundary state={dehydrate(client)}>
				<SettingsPage
					userId={member.userId}
					hasPassword={await hasPassword(dbFor("auth"), member.userId)}
					theme={readTheme((await cookies()).get(themeCookie)?.value)}
					environment={isAtLeast(member.role, "manager") ? readEnvironment(member) : null}
					seesEngine={await seesEngine()}
					actions={{
						describeShop: act.describeShopAction,
						setPolicy: setOfferPolicyAction,
						setStrategy: act.setStrategyAction,
						setLosingRule: act.setLosingRuleAction,
						setRaceRule: act.setRaceRuleAction,
						invite: act.inviteAction,
						revokeInvitation: act.revokeInvitationAction,
						changeRole: act.changeRoleAction,
						removeMember: act.removeMemberAction,
						letInAgain: act.letInAgainAction,
						setPassword: act.setPasswordAction,
						makeKey: act.makeKeyAction,
						revokeKey: act.revokeKeyAction,
						makeEndpoint: act.makeEndpointAction,
					}}
				/>
			</HydrationBoundary>
		</Page>
	);
}
