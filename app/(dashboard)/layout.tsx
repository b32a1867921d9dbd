import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { PaletteProvider } from "@/components/layout/palette";
import { QueryProvider } from "@/components/layout/query-provider";
import { ShellProvider } from "@/components/layout/shell-context";
import { ShortcutsOverlay } from "@/components/layout/shortcuts-overlay";
import { Sidebar } from "@/components/layout/sidebar";
import { LiveConnection } from "@/components/live/live-connection";
import { ClockProvider } from "@/components/ui/clock";
import { requireMember } from "@/lib/auth/gate";
import { env } from "@/lib/env";
import { makeQueryClient } from "@/lib/queries/query-client";
import { shellQuery } from "@/lib/queries/shell";
import { readShell } from "@/lib/services/overview/read-shell";
import { chooseMerchantAction, pausePushesAction, resumePushesAction, signOutAction } from "./actions";

export default async function DashboardLayout({ children }: { children: ReactNode }) {
	const member = await requireMember();
	const client = makeQueryClient();
	const shell = await readShell(member);
	client.setQueryData(shellQuery().queryKey, shell);

	return (
		<QueryProvider key={member.merchantId}>
			<HydrationBoundary state={dehydrate(client)}>
				<ClockProvider serverNow={member.now().getTime()} timeZone={shell.timeZone}>
					<ShellProvider
						value={{
							me: { name: member.name, email: member.email, role: member.role },
							merchants: member.memberships.map(({ merchantId, merchantName }) => ({
								id: merchantId,
								name: merchantName,
							})),
							merchantId: member.merchantId,
							hasSandbox: env().sandbox,
							actions: {
								pausePushes: pausePushesAction,
								resumePushes: resumePushesAction,
								chooseMerchant: chooseMerchantAction,
								signOut: signOutAction,
							},
						}}
					>
						<a
							href="#main"
							className="sr-only rounded-btn bg-ink px-3 py-1.5 text-on-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
						>
							Skip to the page
						</a>
						<PaletteProvider>
							<div className="grid min-h-dvh grid-cols-[216px_minmax(0,1fr)] max-md:grid-cols-[minmax(0,1fr)] max-md:pb-14">
								<Sidebar />
								<div className="min-w-0">{children}</div>
							</div>
						</PaletteProvider>
						<ShortcutsOverlay />
						<LiveConnection />
					</ShellProvider>
				</ClockProvider>
			</HydrationBoundary>
		</QueryProvider>
	);
}
