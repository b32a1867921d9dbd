import type { Metadata } from "next";
import { PlatformTiles } from "@/components/channels/connect/platform-tiles";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { connectablePlatforms } from "@/lib/channels/registry";
import { env } from "@/lib/env";
import { platformKeys } from "@/lib/format/platforms";
import { sandboxPlatform } from "@/lib/sandbox/platforms";
import { makeStoreAction } from "../../sandbox/actions";

export const metadata: Metadata = { title: "Connect a store" };

export default async function ConnectPage() {
	await requireMember("manager");
	return (
		<Page title="Connect a store" crumbs={[{ label: "Channels", href: "/channels" }]}>
			<PlatformTiles
				connectable={connectablePlatforms}
				sandbox={env().sandbox ? { platforms: platformKeys.filter(sandboxPlatform), make: makeStoreAction } : null}
			/>
		</Page>
	);
}
