"use client";

import { useTimeZone } from "@/components/ui/clock";
import { Panel, PanelState } from "@/components/ui/panel";
import { TableScroll } from "@/components/ui/table";
import { countOf } from "@/lib/format/number";
import { clockTimeWithMillis, duration } from "@/lib/format/time";
import type { SandboxStoreView } from "@/lib/queries/sandbox";

/** What came over the wire lately, as the store's own access log would have it, and how its news fares. */
export function WirePanel({ store }: { store: SandboxStoreView }) {
	const timeZone = useTimeZone();
	const { deliveries } = store;
	const news = ["sent", "waiting", "failed", "lost", "dropped"].filter((state) => deliveries[state]);
	return (
		<Panel
			title="On the wire"
			hint="newest first"
			footer={
				news.length > 0
					? `News: ${news.map((state) => `${deliveries[state]} ${state}`).join(", ")}.`
					: "No news sent: nobody has asked the store for any."
			}
		>
			{store.wire.length === 0 ? (
				<PanelState kind="empty" sentence="Requests will stand here as they come." />
			) : (
				<TableScroll label={`${countOf(store.wire.length, "request")}`} className="max-h-80 overflow-y-auto">
					<ul>
						{store.wire.map((request) => (
							<li
								key={request.id}
								className="grid h-7.5 grid-cols-[7.5rem_3rem_minmax(0,1fr)_3rem_4rem] items-center gap-2 border-b px-3.5 text-small last:border-b-0 max-md:grid-cols-[3rem_minmax(0,1fr)_3rem]"
							>
								<span className="num text-muted max-md:hidden">
									{clockTimeWithMillis(new Date(request.at), timeZone)}
								</span>
								<span className="num">{request.method}</span>
								<span className="truncate" title={request.path}>
									{request.what} <span className="num text-muted">{request.path}</span>
								</span>
								<span className={`num text-right ${request.status >= 400 ? "text-bad" : ""}`}>{request.status}</span>
								<span className="num text-right text-muted max-md:hidden">{duration(request.ms)}</span>
							</li>
						))}
					</ul>
				</TableScroll>
			)}
		</Panel>
	);
}
