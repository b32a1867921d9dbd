/** Where a channel's lines stand, as the log's address says it. */
import { writeFilter } from "@/components/ui/filter-terms";

export const activityHref = (channelName: string) =>
	`/activity?${new URLSearchParams({ q: writeFilter({ terms: [{ key: "channel", value: channelName }], text: "" }) })}`;
