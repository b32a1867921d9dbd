import type { ConflictDecision } from "@/db/schema";

/** By conflict, what would have to be taken back to undo its decision. */
export type Undos = Map<string, NonNullable<ConflictDecision["undo"]>>;

export function mergeUndos(a: Undos, b: Undos): Undos {
	const merged: Undos = new Map(a);
	for (const [id, undo] of b) merged.set(id, { ...merged.get(id), ...undo });
	return merged;
}
