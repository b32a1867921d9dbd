import type { Metadata } from "next";
import { AuthCard } from "@/components/auth/auth-card";
import { InvitationForm } from "@/components/auth/invitation-form";
import { Button, ButtonLink } from "@/components/ui/button";
import { dbFor } from "@/db/client";
import { findSignedIn } from "@/lib/auth/gate";
import { readInvitation } from "@/lib/auth/invitations";
import { passwordLimits } from "@/lib/auth/passwords";
import { acceptInvitationAction, changeAccountAction } from "../actions";

export const metadata: Metadata = { title: "Invitation", referrer: "no-referrer", robots: "noindex" };

export default async function InvitationPage({
	searchParams,
}: {
	searchParams: Promise<{ token?: string | string[] }>;
}) {
	const { token } = await searchParams;
	const invitation = typeof token === "string" ? await readInvitation(dbFor("auth"), token) : null;
	if (typeof token !== "string" || !invitation)
		return (
			<AuthCard
				title="This invitation is spent"
				hint="It was accepted, taken back, has expired, or was cut short when it was copied. Ask for a new one."
			>
				<ButtonLink kind="ink" href="/sign-in" className="h-9">
					Sign in
				</ButtonLink>
			</AuthCard>
		);

	const { email, merchantName, hasAccount } = invitation;
	const signedIn = await findSignedIn();
	const isTheirs = signedIn?.email.toLowerCase() === email;
	if (hasAccount && !isTheirs)
		return (
			<AuthCard
				title={`Join ${merchantName}`}
				hint={
					signedIn
						? `This invitation is for ${email}; you are signed in as ${signedIn.email}.`
						: `This invitation is for ${email}, who has an account. Sign in with it first.`
				}
			>
				<form action={changeAccountAction} className="flex flex-col">
					<input type="hidden" name="next" value={`/invitation?token=${token}`} />
					<Button type="submit" kind="ink" className="h-9">
						Sign in as {email}
					</Button>
				</form>
			</AuthCard>
		);
	return (
		<AuthCard title={`Join ${merchantName}`} hint={`As ${email}. You see the same stock count as everybody there.`}>
			<InvitationForm
				action={acceptInvitationAction}
				token={token}
				email={email}
				minPassword={isTheirs ? null : passwordLimits.min}
			/>
		</AuthCard>
	);
}
