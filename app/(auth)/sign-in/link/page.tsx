import type { Metadata } from "next";
import Link from "next/link";
import { AuthCard } from "@/components/auth/auth-card";
import { LinkForm } from "@/components/auth/link-form";
import { ButtonLink } from "@/components/ui/button";
import { dbFor } from "@/db/client";
import { readSignInLink } from "@/lib/auth/sign-in-links";
import { takeLinkAction } from "../../actions";

export const metadata: Metadata = { title: "Sign in by link", referrer: "no-referrer", robots: "noindex" };

export default async function SignInLinkPage({
	searchParams,
}: {
	searchParams: Promise<{ token?: string | string[] }>;
}) {
	const { token } = await searchParams;
	const link = typeof token === "string" ? await readSignInLink(dbFor("auth"), token) : null;
	if (typeof token !== "string" || !link)
		return (
			<AuthCard
				title="This link is spent"
				hint="It was used before, has expired, or was cut short when it was copied. Each link signs in once."
				footer={
					<>
						Or <Link href="/sign-up">open a shop</Link>
					</>
				}
			>
				<ButtonLink kind="ink" href="/sign-in" className="h-9">
					Sign in by password
				</ButtonLink>
			</AuthCard>
		);
	return (
		<AuthCard title="Welcome back" hint={`This link signs in ${link.email}, once.`}>
			<LinkForm action={takeLinkAction} token={token} />
		</AuthCard>
	);
}
