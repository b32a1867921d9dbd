import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthCard } from "@/components/auth/auth-card";
import { SignUpForm } from "@/components/auth/sign-up-form";
import { findMember } from "@/lib/auth/gate";
import { home } from "@/lib/auth/next-path";
import { passwordLimits } from "@/lib/auth/passwords";
import { signUpAction } from "../actions";

export const metadata: Metadata = { title: "Open a shop" };

export default async function SignUpPage() {
	if (await findMember()) redirect(home);
	return (
		<AuthCard
			title="What do you sell under?"
			hint="One true stock count across every store you sell in. Nothing is written to a store until you say so."
			footer={
				<>
					Been here before? <Link href="/sign-in">Sign in</Link>
				</>
			}
		>
			<SignUpForm action={signUpAction} minPassword={passwordLimits.min} />
		</AuthCard>
	);
}
