"use server";

import { cookies, headers } from "next/headers";
import { z } from "zod";
import { dbFor } from "@/db/client";
import { requireMember } from "@/lib/auth/gate";
import { inviteMember, inviteSchema, revokeInvitation } from "@/lib/auth/invitations";
import { sessionCookies } from "@/lib/auth/session-cookies";
import { setPassword } from "@/lib/auth/set-password";
import { passwordSchema } from "@/lib/auth/sign-up";
import { env } from "@/lib/env";
import { runAction } from "@/lib/services/action";
import { makeKey } from "@/lib/services/api-keys/make-key";
import { revokeKey } from "@/lib/services/api-keys/revoke-key";
import { removeEndpoint, setEndpointEvents, switchEndpoint } from "@/lib/services/endpoints/change-endpoint";
import { makeEndpoint } from "@/lib/services/endpoints/make-endpoint";
import { renewSecret } from "@/lib/services/endpoints/renew-secret";
import { replayMessages } from "@/lib/services/endpoints/replay-messages";
import { sendTest } from "@/lib/services/endpoints/send-test";
import { NotFound, TooOften, Unacceptable } from "@/lib/services/errors";
import { changeRole, removeMember } from "@/lib/services/members/change-member";
import { letInAgain } from "@/lib/services/members/let-in-again";
import { describeShop } from "@/lib/services/merchants/describe-shop";
import { setLosingRule, setRaceRule } from "@/lib/services/merchants/set-race-rules";
import { setDefaultStrategy } from "@/lib/services/stock/set-strategy";

export async function describeShopAction(input: unknown) {
	return runAction("describe the shop", async () => describeShop(await requireMember("owner"), input));
}

export async function inviteAction(input: unknown) {
	return runAction("invite somebody", async () => {
		const { path, expiresAt } = await inviteMember(await requireMember("owner"), inviteSchema.parse(input));
		return { link: await linkTo(path), expiresAt: expiresAt.toISOString() };
	});
}

async function linkTo(path: string): Promise<string> {
	const { publicUrl, port } = env();
	return `${publicUrl ?? `http://${(await headers()).get("host") ?? `localhost:${port}`}`}${path}`;
}

export async function letInAgainAction(userId: string) {
	return runAction("let a member in again", async () => ({
		link: await linkTo(await letInAgain(await requireMember("owner"), userId)),
	}));
}

const passwordInput = z.object({ current: z.string().max(1024).nullable(), next: passwordSchema });

export async function setPasswordAction(input: unknown) {
	return runAction("set a password", async () => {
		const { userId } = await requireMember();
		const { current, next } = passwordInput.parse(input);
		const jar = await cookies();
		const sessionToken = sessionCookies.map((name) => jar.get(name)?.value).find(Boolean);
		const set = await setPassword(dbFor("auth"), { userId, current, next, sessionToken });
		if (set.ok) return;
		if (set.reason === "too_often") throw new TooOften(set.retryAfterMs);
		throw new Unacceptable("This is not your password so far. Check it, and whether Caps Lock is on.");
	});
}

export async function revokeInvitationAction(invitationId: string) {
	return runAction("take an invitation back", async () => {
		if (!(await revokeInvitation(await requireMember("owner"), invitationId))) throw new NotFound("invitation");
	});
}

export async function changeRoleAction(userId: string, role: string) {
	return runAction("change a role", async () => changeRole(await requireMember("owner"), userId, role));
}

export async function removeMemberAction(userId: string) {
	return runAction("remove a member", async () => removeMember(await requireMember("owner"), userId));
}

export async function makeKeyAction(input: unknown) {
	return runAction("make an API key", async () => makeKey(await requireMember("manager"), input));
}

export async function revokeKeyAction(keyId: string) {
	return runAction("revoke an API key", async () => revokeKey(await requireMember("manager"), keyId));
}

export async function makeEndpointAction(input: unknown) {
	return runAction("make a webhook endpoint", async () => makeEndpoint(await requireMember("manager"), input));
}

export async function setEndpointEventsAction(endpointId: string, events: unknown) {
	return runAction("choose an endpoint's events", async () =>
		setEndpointEvents(await requireMember("manager"), endpointId, events),
	);
}

export async function switchEndpointAction(endpointId: string, isOn: boolean) {
	return runAction("switch an endpoint", async () => switchEndpoint(await requireMember("manager"), endpointId, isOn));
}

export async function removeEndpointAction(endpointId: string) {
	return runAction("remove an endpoint", async () => removeEndpoint(await requireMember("manager"), endpointId));
}

export async function replayMessagesAction(endpointId: string, input: unknown) {
	return runAction("send messages again", async () =>
		replayMessages(await requireMember("manager"), endpointId, input),
	);
}

export async function sendTestAction(endpointId: string) {
	return runAction("send a test", async () => sendTest(await requireMember("manager"), endpointId));
}

export async function renewSecretAction(endpointId: string) {
	return runAction("renew a signing secret", async () => renewSecret(await requireMember("manager"), endpointId));
}

export async function setStrategyAction(strategy: unknown) {
	return runAction("choose how stock is shared", async () =>
		setDefaultStrategy(await requireMember("manager"), strategy),
	);
}

export async function setLosingRuleAction(input: unknown) {
	return runAction("choose which order loses", async () => setLosingRule(await requireMember("manager"), input));
}

export async function setRaceRuleAction(input: unknown) {
	return runAction("choose what holds in a race", async () => setRaceRule(await requireMember("manager"), input));
}
