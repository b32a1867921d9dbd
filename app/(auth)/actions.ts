"use server";

import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { FormState } from "@/components/auth/form-state";
import { dbFor } from "@/db/client";
import { addressOf } from "@/lib/auth/address";
import type { RefusalCode } from "@/lib/auth/config";
import { findSignedIn, rememberMerchant } from "@/lib/auth/gate";
import { acceptInvitation } from "@/lib/auth/invitations";
import { CredentialsSignin, signIn, signOut } from "@/lib/auth/next-auth";
import { home, safeNext } from "@/lib/auth/next-path";
import { passwordSchema, signUp, signUpSchema } from "@/lib/auth/sign-up";
import { TooOften } from "@/lib/services/errors";

export async function signInAction(_: FormState, form: FormData): Promise<FormState> {
	const email = String(form.get("email") ?? "");
	const refusal = await enter("password", { email, password: String(form.get("password") ?? "") });
	if (!refusal) redirect(safeNext(form.get("next")));
	return { sentence: sentenceOf(refusal), values: { email } };
}

export async function takeLinkAction(_: FormState, form: FormData): Promise<FormState> {
	const refusal = await enter("link", { token: String(form.get("token") ?? "") });
	if (!refusal) redirect(home);
	return { sentence: sentenceOf(refusal) };
}

export async function signUpAction(_: FormState, form: FormData): Promise<FormState> {
	const typed = {
		merchantName: String(form.get("merchantName") ?? ""),
		email: String(form.get("email") ?? ""),
		password: String(form.get("password") ?? ""),
		timeZone: String(form.get("timeZone") ?? ""),
	};
	const values = { merchantName: typed.merchantName, email: typed.email };
	const parsed = signUpSchema.safeParse(typed);
	if (!parsed.success) {
		const fields = Object.fromEntries(
			parsed.error.issues.map((issue) => [String(issue.path[0]), issue.message]).reverse(),
		);
		return { fields, values };
	}

	const result = await signUp(dbFor("auth"), { ...parsed.data, address: addressOf(await headers()) });
	if (!result.ok)
		return result.reason === "email_taken"
			? { fields: { email: "Somebody signed up with this e-mail before. Sign in instead, or take another." }, values }
			: { sentence: new TooOften(result.retryAfterMs).message, values };

	const refusal = await enter("password", { email: parsed.data.email, password: parsed.data.password });
	redirect(refusal ? "/sign-in" : home);
}

export async function acceptInvitationAction(_: FormState, form: FormData): Promise<FormState> {
	const token = String(form.get("token") ?? "");
	const typed = form.get("password");
	const signedIn = await findSignedIn();
	const password = typeof typed === "string" ? passwordSchema.safeParse(typed) : null;
	if (password && !password.success) return { fields: { password: password.error.issues[0]?.message ?? "" } };
	const proof = password ? { password: password.data } : signedIn && { signedIn };
	if (!proof) return { sentence: "You were signed out meanwhile. Open the link again." };

	const accepted = await acceptInvitation(dbFor("auth"), { token, ...proof });
	if (!accepted.ok)
		return {
			sentence:
				accepted.reason === "spent"
					? "This invitation was accepted, taken back, or has expired. Ask for a new one."
					: `This invitation is for ${accepted.email}, who has an account. Sign in with it, then open the link again.`,
		};
	if (password && (await enter("password", { email: accepted.email, password: password.data }))) redirect("/sign-in");
	await rememberMerchant(accepted.merchantId);
	redirect(home);
}

/** The invitation is for somebody else than who is signed in here. */
export async function changeAccountAction(form: FormData): Promise<void> {
	await signOut({ redirect: false });
	redirect(`/sign-in?${new URLSearchParams({ next: safeNext(form.get("next")) })}`);
}

/** Null: signed in, and the cookie is set. */
async function enter(provider: "password" | "link", fields: Record<string, string>): Promise<RefusalCode | null> {
	try {
		await signIn(provider, { ...fields, redirect: false });
		return null;
	} catch (error) {
		if (error instanceof CredentialsSignin) return error.code as RefusalCode;
		throw error;
	}
}

function sentenceOf(refusal: RefusalCode): string {
	if (refusal === "wrong") return "E-mail or password is wrong. Check both, and whether Caps Lock is on.";
	if (refusal === "link_spent")
		return "This link was used before or has expired. Ask for a new one, or sign in by password.";
	return new TooOften(Number(refusal.split(":")[1])).message;
}
