import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthCard } from "@/components/auth/auth-card";
import { SignInForm } from "@/components/auth/sign-in-form";
import { findMember, findSignedIn } from "@/lib/auth/gate";
import { safeNext } from "@/lib/auth/next-path";
import { env } from "@/lib/env";
import { signInAction } from "../actions";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
	const next = safeNext((await searchParams).next);
	if (await findMember()) redirect(next);
	const stranded = await findSignedIn();
	return (
		<AuthCard
			title="Sign in"
			hint={
				stranded
					? `${stranded.email} belongs to no shop any more. Ask an owner for an invitation, or sign in as somebody else.`
					: undefined
			}
			footer={
				<>
					New here? <Link href="/sign-up">Open a shop</Link>
					<br />
					Password lost? An owner of your shop makes you a link, in Settings, beside your name.
					{env().sandbox && " The demo prints a new one each time it starts."}
				</>
			}
		>
			<SignInForm action={signInAction} next={next} />
		</AuthCard>
	);
}
