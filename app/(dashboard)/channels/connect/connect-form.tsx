/** The form of one platform, for its own page and for the page that one comes back to from the store. */
import { headers } from "next/headers";
import { WayForm } from "@/components/channels/connect/way-form";
import type { KeptCheck } from "@/db/schema";
import type { ConnectablePlatform } from "@/lib/channels/registry";
import { browserOrigin } from "@/lib/services/channels/public-address";
import type { ChannelView } from "@/lib/services/channels/read-channels";
import { waysIn } from "@/lib/services/channels/ways-in";
import { connectActions } from "../channel-actions";

export async function ConnectForm({
	platform,
	way,
	address,
	again = null,
	problem = null,
	checks = [],
}: {
	platform: ConnectablePlatform;
	/** Empty: the first that the platform has. */
	way: string;
	address: string;
	again?: Pick<ChannelView, "id" | "secret"> | null;
	problem?: string | null;
	checks?: KeptCheck[];
}) {
	const ways = await waysIn(platform, { origin: browserOrigin(await headers()), again });
	return (
		<WayForm {...ways} way={way} typedAddress={address} problem={problem} checks={checks} actions={connectActions} />
	);
}
