"use server";

import { requireMember } from "@/lib/auth/gate";
import { runAction } from "@/lib/services/action";
import { dismissMail } from "@/lib/services/mail/dismiss-mail";
import { mailSchema, retryMail } from "@/lib/services/mail/retry-mail";
import { sendAgain, sendAgainSchema } from "@/lib/services/pushes/send-again";

export async function sendAgainAction(input: unknown) {
	return runAction("send again", async () => sendAgain(await requireMember("support"), sendAgainSchema.parse(input)));
}

export async function retryMailAction(input: unknown) {
	return runAction("retry mail", async () => retryMail(await requireMember("support"), mailSchema.parse(input)));
}

export async function dismissMailAction(input: unknown) {
	return runAction("dismiss mail", async () => dismissMail(await requireMember("manager"), mailSchema.parse(input)));
}
