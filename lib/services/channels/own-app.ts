/** An app that the merchant made on the platform's side and brings along, where the host has none. */
import type { AppCredentials } from "@/lib/channels/channel-adapter";
import type { PasteField } from "@/lib/channels/paste-form";
import { type Reading, readFields } from "@/lib/channels/paste-reading";
import { appFields } from "@/lib/channels/shopify";
import { hasHostApps, hostAppVariables, joinedIds } from "@/lib/env";

const applicationId: PasteField = {
	name: "applicationId",
	label: "Application id",
	placeholder: "",
	hint: null,
	isSecret: false,
	isOptional: false,
};

/** The third part is Amazon's. */
export const ownAppFields = (platform: string): PasteField[] => [
	...appFields,
	...(hasHostApps(platform) && hostAppVariables(platform).length > 2 ? [applicationId] : []),
];

export function readOwnApp(platform: string, typed: Record<string, string>): Reading<AppCredentials> {
	const { clientId = "", clientSecret = "", applicationId } = typed;
	return readFields(ownAppFields(platform), typed, {}, { clientId: joinedIds(clientId, applicationId), clientSecret });
}
