/** Where the connect wizard goes on. Pure. */
import type { ChannelState } from "@/db/schema";

/** A store with several locations, one of which was taken without asking: before anything is counted, a person says which. */
export const needsLocation = (channel: {
	locations: readonly { isActive: boolean }[];
	locationSetAt: string | null;
	pushingSince: string | null;
}): boolean =>
	channel.locationSetAt === null && channel.pushingSince === null && hasSeveralLocations(channel.locations);

export const hasSeveralLocations = (locations: readonly { isActive: boolean }[]): boolean =>
	locations.filter(({ isActive }) => isActive).length > 1;

export type OpenStep = "location" | "read" | "match" | "dry-run";

/** The first step that nobody has answered yet: units are counted from a location only once a person has named it. */
export function firstOpenStep(channel: { state: ChannelState; needsLocation: boolean; linked: number }): OpenStep {
	if (channel.needsLocation) return "location";
	if (channel.state === "connecting" || channel.state === "importing") return "read";
	return channel.linked > 0 ? "dry-run" : "match";
}
