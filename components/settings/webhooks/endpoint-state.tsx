"use client";

import { RelativeTime } from "@/components/ui/relative-time";
import { StateLabel } from "@/components/ui/state-shape";
import type { EndpointView } from "@/lib/queries/settings";

/** Without what every address has in common. */
export const shortUrl = (url: string) => url.replace(/^https:\/\//, "").replace(/\/$/, "");

/** Whether messages get through, and why not. */
export function EndpointState({ endpoint }: { endpoint: EndpointView }) {
	if (endpoint.disabledAt !== null) {
		switch (endpoint.disabledWhy) {
			case "failing":
				return <StateLabel kind="off">switched off: nothing got through for days</StateLabel>;
			case "gone":
				return <StateLabel kind="off">switched off: it answered that it is gone</StateLabel>;
			default:
				return <StateLabel kind="hold">switched off</StateLabel>;
		}
	}
	if (endpoint.failingSince !== null)
		return (
			<StateLabel kind="warn">
				nothing gets through, first <RelativeTime at={endpoint.failingSince} />
			</StateLabel>
		);
	if (endpoint.lastDeliveredAt === null) return <StateLabel kind="none">nothing sent yet</StateLabel>;
	return (
		<StateLabel kind="ok">
			told <RelativeTime at={endpoint.lastDeliveredAt} />
		</StateLabel>
	);
}
