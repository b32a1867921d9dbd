/** Who has the units that somebody else lacks, as an oversale's facts name them. */
export type Winner = {
	/** It held them before the sale; `orderNumber` is its reference. */
	isReservation?: true;
	/** What people call it. */
	orderNumber?: string | null;
	channelId?: string | null;
	/** When we heard of it, ISO 8601. */
	at?: string;
};

export const winnerOf = (facts: Record<string, unknown>): Winner | null =>
	(facts.winner as Winner | null | undefined) ?? null;
