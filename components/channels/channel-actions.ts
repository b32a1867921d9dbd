import { answered } from "@/components/layout/answered";
import type { CartChoice, CatalogueStart, DryRun } from "@/lib/queries/channels";
import type { PolicyTarget } from "@/lib/queries/policies";
import type { DriftClass, DriftPolicy } from "@/lib/stock/drift";
import type { Confirmed } from "@/lib/stock/dry-run";
import type { PolicyFields } from "@/lib/stock/offer-policy";
import type { Strategy } from "@/lib/stock/strategy";

/** What a server action answers. `fields`: of a form that was filled in wrong, what to do about each field, by its name. */
export type Outcome<T = void> =
	| { ok: true; value: T }
	| { ok: false; reason: string; sentence: string; fields?: FieldSentences };

type FieldSentences = Readonly<Record<string, string>>;

export type ShownCheck = {
	name: string;
	state: "passed" | "failed" | "warned" | "skipped";
	sentence: string;
	fix: string | null;
};

export type ConnectOutcome =
	| { result: "connected"; channelId: string; isReconnect: boolean; checks: ShownCheck[] }
	| { result: "failed"; checks: ShownCheck[] };

/** What can be done to a channel; pages hand them down. */
export type ChannelActions = {
	pause: (channelId: string, isPaused: boolean) => Promise<Outcome>;
	disconnect: (channelId: string, typedName: string) => Promise<Outcome<{ webhooksLeft: string | null }>>;
	tryNow: (channelId: string) => Promise<Outcome>;
	refreshListings: (channelId: string) => Promise<Outcome>;
	check: (channelId: string) => Promise<Outcome<ShownCheck[]>>;
	setPolicy: SetPolicy;
	/** Null: as the shop's. */
	setStrategy: (channelId: string, strategy: Strategy | null) => Promise<Outcome>;
	setDriftPolicy: (channelId: string, input: { class: DriftClass; policy: DriftPolicy }) => Promise<Outcome>;
	verifyNow: (channelId: string) => Promise<Outcome>;
	setLocation: (channelId: string, locationRef: string) => Promise<Outcome>;
	/** In the order in which a sale is taken from them. */
	setSellingLocations: (channelId: string, locationIds: string[]) => Promise<Outcome>;
	addLocation: (name: string) => Promise<Outcome<{ locationId: string }>>;
};

export type SetupActions = Pick<ChannelActions, "check" | "setLocation" | "refreshListings"> & {
	previewStart: (channelId: string) => Promise<Outcome<CatalogueStart>>;
	startFromCatalogue: (channelId: string) => Promise<Outcome<CatalogueStart>>;
	acceptCertain: (
		channelId: string,
		batchId: string | null,
	) => Promise<Outcome<{ batchId: string; linked: number; isDone: boolean }>>;
	seeDryRun: (channelId: string) => Promise<Outcome<DryRun>>;
	/** `confirmed`: what somebody has agreed to where it is an unusual share of the catalogue. */
	switchPushingOn: (channelId: string, confirmed?: Confirmed) => Promise<Outcome>;
};

/** `fields`: by the names of the form's fields. */
export type TypedKeys = { platform: string; address: string; fields: Record<string, string> };

export type ConnectActions = {
	/** `again`: the channel that it is for, where there is one. */
	withKeys: (input: TypedKeys & { way?: string; again?: string }) => Promise<Outcome<ConnectOutcome>>;
	/** What kinds of store the account of these keys can be given. */
	listCarts: (input: TypedKeys) => Promise<Outcome<CartChoice[]>>;
	beginVisit: (input: TypedKeys) => Promise<Outcome<{ redirectTo: string }>>;
	/** Of a visit that began in the platform's own list of apps: what our log-in address was opened with. */
	beginStart: (platform: string, query: string) => Promise<Outcome<{ redirectTo: string }>>;
	/** Of an app that was installed on the platform's side: what its address brought. */
	confirmInstall: (platform: string, query: string) => Promise<Outcome<ConnectOutcome>>;
};

/** Says at one level what channels are offered. `isConfirmed`: somebody has agreed to an unusual share of the catalogue. */
export type SetPolicy = (target: PolicyTarget, fields: Partial<PolicyFields>, isConfirmed: boolean) => Promise<Outcome>;

/** A refusal as its sentence, and as what it says beside each field. */
export class Refusal extends Error {
	override name = "Refusal";
	constructor(
		sentence: string,
		readonly fields: FieldSentences = {},
	) {
		super(sentence);
	}
}

/** The value, or the {@link Refusal} thrown: for mutations. */
export async function orThrow<T>(outcome: Promise<Outcome<T>>): Promise<T> {
	const answer = await answered(outcome);
	if (!answer.ok) throw new Refusal(answer.sentence, "fields" in answer ? answer.fields : {});
	return answer.value;
}
