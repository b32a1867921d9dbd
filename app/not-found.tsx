import { AuthCard } from "@/components/auth/auth-card";
import { ButtonLink } from "@/components/ui/button";

export default function NotFoundPage() {
	return (
		<AuthCard title="There is nothing at this address" hint="The link may be old, or a letter is missing.">
			<ButtonLink kind="ink" href="/overview" className="h-9">
				Go to Overview
			</ButtonLink>
		</AuthCard>
	);
}
