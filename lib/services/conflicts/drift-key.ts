/** What makes two findings of a slot's unexplained number the same conflict. */
export const driftKey = (slotId: number) => `drift:${slotId}`;
