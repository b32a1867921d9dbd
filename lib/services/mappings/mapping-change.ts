/** What is asked to become of a listing's mapping, what came of it, and what is kept of it for undoing. */

import type { PolicyFault } from "../policies/policy-fault";

/** What a listing is to become; null: nobody has decided. */
export type MappingTarget =
	| { state: "linked"; skuId: string; units: number }
	| { state: "left_out"; reason: string }
	| null;

export type MappingChange = {
	listingId: string;
	/** The version that the person saw, 0 for none; null where what is there does not matter. */
	seenVersion: number | null;
	next: MappingTarget;
};

/** What one listing was and became; kept with the batch, so that it can be undone. */
export type RecordedChange = { listingId: string; before: MappingTarget; after: MappingTarget };

export type Theirs = {
	state: "linked" | "left_out" | "open";
	/** Code of the SKU that it is linked to. */
	sku: string | null;
	by: string | null;
	at: string | null;
	version: number;
};

export type RefusedChange =
	| { listingId: string; reason: "changed_meanwhile"; sentence: string; theirs: Theirs; mine: MappingTarget }
	| {
			listingId: string;
			reason: "not_found" | "sku_not_found" | "already_linked" | PolicyFault["reason"];
			sentence: string;
	  };

export type ChangedMappings = {
	/** Names the act for undoing it; null when nothing changed. */
	batchId: string | null;
	changed: string[];
	refused: RefusedChange[];
};

export type MappingAct = {
	action: "mapping.linked" | "mapping.unlinked" | "mapping.left_out" | "mapping.undone";
	/** Many calls of one act (a bulk accept in steps) share it and are undone as one. */
	batchId?: string;
	/** A SKU that another listing of the channel has is refused: one to one, unless a person says otherwise. */
	isOneToOne?: boolean;
};
