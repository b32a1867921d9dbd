import type { Outcome, SetPolicy } from "@/components/channels/channel-actions";
import type { RaceRule } from "@/lib/stock/competing-edits";
import type { LosingPolicy } from "@/lib/stock/losing-order";
import type { Strategy } from "@/lib/stock/strategy";

export type SettingsActions = {
	describeShop: (input: { name: string; timeZone: string }) => Promise<Outcome>;
	setPolicy: SetPolicy;
	setStrategy: (strategy: Strategy) => Promise<Outcome>;
	setLosingRule: (choice: LosingPolicy) => Promise<Outcome>;
	setRaceRule: (rule: RaceRule) => Promise<Outcome>;
	invite: (input: { email: string; role: string }) => Promise<Outcome<{ link: string; expiresAt: string }>>;
	revokeInvitation: (invitationId: string) => Promise<Outcome>;
	changeRole: (userId: string, role: string) => Promise<Outcome>;
	removeMember: (userId: string) => Promise<Outcome>;
	/** `link` is told this once. */
	letInAgain: (userId: string) => Promise<Outcome<{ link: string }>>;
	/** `current`: null while there is none. */
	setPassword: (input: { current: string | null; next: string }) => Promise<Outcome>;
	/** `key` is told this once. */
	makeKey: (input: { name: string; scopes: string[] }) => Promise<Outcome<{ id: string; key: string; prefix: string }>>;
	revokeKey: (keyId: string) => Promise<Outcome>;
	/** `secret` is told this once. */
	makeEndpoint: (input: { url: string; events: string[] }) => Promise<Outcome<{ id: string; secret: string }>>;
};

/** What can be done to one webhook endpoint. */
export type EndpointActions = {
	setEvents: (endpointId: string, events: string[]) => Promise<Outcome>;
	switchOn: (endpointId: string, isOn: boolean) => Promise<Outcome>;
	remove: (endpointId: string) => Promise<Outcome>;
	replay: (endpointId: string, which: { messageId: string } | { since: string }) => Promise<Outcome<{ count: number }>>;
	sendTest: (endpointId: string) => Promise<Outcome>;
	/** `secret` is told this once. */
	renewSecret: (endpointId: string) => Promise<Outcome<{ secret: string }>>;
};

export const roleOptions = [
	{ value: "owner", label: "Owner", detail: "Everything, people and roles included." },
	{ value: "manager", label: "Manager", detail: "Stores, links, rules, pushing on and off." },
	{ value: "support", label: "Support", detail: "Settles conflicts, adjusts stock, looks again." },
	{ value: "viewer", label: "Viewer", detail: "Sees everything, changes nothing." },
] as const;
export type RoleValue = (typeof roleOptions)[number]["value"];
