import type { LinkedState } from "@/lib/matching/grid";

/** How a linked listing stands: one of the seven shapes, and its word. */
export function linkedState(slot: {
	shows: number | null;
	offered: number | null;
	unexplained: number | null;
	heldReason: string | null;
	isInFlight: boolean;
	isPushing: boolean;
}): { state: LinkedState; word: string } {
	if (slot.heldReason) return { state: "off", word: "refused, waits for a person" };
	if (slot.unexplained) return { state: "warn", word: "shows another number than expected" };
	if (slot.offered === null) return { state: "hold", word: "not counted yet" };
	if (slot.isInFlight) return { state: "go", word: "on its way" };
	if (slot.shows === slot.offered) return { state: "ok", word: "in step" };
	return slot.isPushing ? { state: "go", word: "on its way" } : { state: "hold", word: "waits, pushing is off" };
}
