"use server";

import { redirect } from "next/navigation";
import { rememberMerchant, requireMember } from "@/lib/auth/gate";
import { signOut } from "@/lib/auth/next-auth";
import { home } from "@/lib/auth/next-path";
import { runAction } from "@/lib/services/action";
import { NotFound } from "@/lib/services/errors";
import { pausePushes, resumePushes } from "@/lib/services/merchants/pause-pushes";

export async function pausePushesAction() {
	return runAction("pause pushes", async () => pausePushes(await requireMember("manager")));
}

export async function resumePushesAction() {
	return runAction("resume pushes", async () => resumePushes(await requireMember("manager")));
}

export async function chooseMerchantAction(merchantId: string): Promise<void> {
	const { memberships } = await requireMember();
	if (!memberships.some((one) => one.merchantId === merchantId)) throw new NotFound("shop");
	await rememberMerchant(merchantId);
	redirect(home);
}

export async function signOutAction(): Promise<void> {
	await signOut({ redirect: false });
	redirect("/sign-in");
}
