import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { isConnectable } from "@/lib/channels/registry";
import { platformLabel } from "@/lib/format/platforms";
import { readChannel } from "@/lib/services/channels/read-channels";
import type { OAuthRejection } from "@/lib/services/channels/shopify-oauth";
import { ConnectForm } from "../connect-form";

export const metadata: Metadata = { title: "Connect a store" };

/** Why the way back from Shopify was not taken, by the reason in the address. */
const problems: Record<OAuthRejection, string> = {
	signature:
		"What came back was not signed with this app's secret, so nothing was taken. Check that client id and secret belong to the same app.",
	state: "The way back from Shopify was used already, took too long, or began in another browser. Begin again here.",
	expired: "The answer from Shopify is older than 90 seconds, or this computer's clock is wrong. Begin again.",
	shop: "Another store answered than the one that you typed. Check its name and begin again.",
	denied: "The app was not installed: somebody chose Cancel in Shopify.",
	other_person: "Somebody else began this. Sign in as the same person, or begin again yourself.",
};

type Search = { way?: string; address?: string; problem?: string; again?: string };

export default async function ConnectPlatformPage({
	params,
	searchParams,
}: {
	params: Promise<{ platform: string }>;
	searchParams: Promise<Search>;
}) {
	const [member, { platform }, search] = await Promise.all([requireMember("manager"), params, searchParams]);
	if (!isConnectable(platform)) notFound();
	const again = search.again ? await readChannel(member, search.again) : null;
	return (
		<Page
			title={platformLabel(platform)}
			crumbs={[
				{ label: "Channels", href: "/channels" },
				{ label: "Connect", href: "/channels/connect" },
			]}
		>
			<ConnectForm
				platform={platform}
				way={search.way ?? ""}
				address={search.address ?? (again ? again.baseUrl : "")}
				problem={problems[search.problem as OAuthRejection] ?? null}
			/>
		</Page>
	);
}
