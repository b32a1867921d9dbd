import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { WaitForKeys } from "@/components/channels/connect/wait-for-keys";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { readReturn } from "@/lib/channels/woocommerce";
import { platformLabel } from "@/lib/format/platforms";
import { readAttempt } from "@/lib/services/channels/connect-attempt";
import { ConnectForm } from "../../connect-form";

export const metadata: Metadata = { title: "Connect a store" };

/** Where one comes back to from the store: on to the channel, or what failed, or why nothing came. */
export default async function AttemptPage({
	params,
	searchParams,
}: {
	params: Promise<{ platform: string; attemptId: string }>;
	searchParams: Promise<Record<string, string>>;
}) {
	const [member, { platform, attemptId }, search] = await Promise.all([requireMember("manager"), params, searchParams]);
	const attempt = await readAttempt(member, attemptId);
	if (!attempt || attempt.platform !== platform) notFound();
	if (attempt.channelId) redirect(`/channels/${attempt.channelId}/setup/check`);

	// Only there something may still be on its way when the browser is back: the shop's server posts the keys.
	const isHandOver = attempt.platform === "woocommerce";
	const isRefused = isHandOver && !readReturn(new URLSearchParams(search)).isGranted;
	const isWaiting = isHandOver && attempt.state === "waiting" && !isRefused && !attempt.isOver;
	const problem =
		attempt.state === "failed" || !isHandOver
			? null
			: isRefused
				? "Nobody agreed in the shop, so it made no keys. Go there again, or paste keys."
				: "The shop says that it handed keys over, and none have arrived here. It must be able to reach Onecount's public address; paste keys if it can't.";
	return (
		<Page
			title={platformLabel(platform)}
			crumbs={[
				{ label: "Channels", href: "/channels" },
				{ label: "Connect", href: "/channels/connect" },
			]}
		>
			{isWaiting && <WaitForKeys />}
			<ConnectForm
				platform={attempt.platform}
				way={isRefused ? "keys" : ""}
				address={attempt.baseUrl}
				problem={isWaiting ? null : problem}
				checks={attempt.checks}
			/>
		</Page>
	);
}
