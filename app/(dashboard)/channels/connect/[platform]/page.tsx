import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { InstallForm } from "@/components/channels/connect/install-form";
import { StartForm } from "@/components/channels/connect/start-form";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { isConnectable } from "@/lib/channels/registry";
import { platformLabel } from "@/lib/format/platforms";
import type { VisitRejection } from "@/lib/services/channels/connect-attempt";
import { readChannel } from "@/lib/services/channels/read-channels";
import { readShell } from "@/lib/services/overview/read-shell";
import { connectActions } from "../../channel-actions";
import { ConnectForm } from "../connect-form";

export const metadata: Metadata = { title: "Connect a store" };

/** Why the way back from the store was not taken, by the reason in the address. */
const problems: Record<VisitRejection, (platform: string) => string> = {
	signature: () =>
		"What came back was not signed with this app's secret, so nothing was taken. Check that client id and secret belong to the same app.",
	state: (platform) =>
		`The way back from ${platform} was used already, took too long, or began in another browser. Begin again here.`,
	expired: (platform) =>
		`The answer from ${platform} is older than 90 seconds, or this computer's clock is wrong. Begin again.`,
	shop: () => "Another store answered than the one that you typed. Check its name and begin again.",
	denied: (platform) => `The app was not installed: somebody chose Cancel in ${platform}.`,
	other_person: () => "Somebody else began this. Sign in as the same person, or begin again yourself.",
	start: (platform) =>
		`What was opened leads back to no page of ${platform}, so nobody is sent there. Begin again here.`,
};

type Search = { way?: string; address?: string; problem?: string; again?: string; install?: string; start?: string };

export default async function ConnectPlatformPage({
	params,
	searchParams,
}: {
	params: Promise<{ platform: string }>;
	searchParams: Promise<Search>;
}) {
	const [member, { platform }, search] = await Promise.all([requireMember("manager"), params, searchParams]);
	if (!isConnectable(platform)) notFound();
	const label = platformLabel(platform);
	const again = search.again ? await readChannel(member, search.again) : null;
	const problem = Object.hasOwn(problems, search.problem ?? "")
		? problems[search.problem as VisitRejection](label)
		: null;
	return (
		<Page
			title={label}
			crumbs={[
				{ label: "Channels", href: "/channels" },
				{ label: "Connect", href: "/channels/connect" },
			]}
		>
			{search.start ? (
				<StartForm
					platform={platform}
					query={search.start}
					merchantName={(await readShell(member)).merchantName}
					begin={connectActions.beginStart}
				/>
			) : search.install ? (
				<InstallForm
					platform={platform}
					query={search.install}
					merchantName={(await readShell(member)).merchantName}
					confirm={connectActions.confirmInstall}
				/>
			) : (
				<ConnectForm
					platform={platform}
					way={search.way ?? ""}
					address={search.address ?? (again ? again.baseUrl : "")}
					again={again}
					problem={problem}
				/>
			)}
		</Page>
	);
}
