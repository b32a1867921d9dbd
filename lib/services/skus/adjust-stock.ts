import { z } from "zod";
import { asMerchant } from "@/db/client";
import { notifyLog } from "@/lib/live/notify";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { wake } from "../sync/wake";
import { changeLevel, largestChange } from "./change-level";

export const adjustStockSchema = z.object({
	skuId: z.guid(),
	locationId: z.guid(),
	/** `set`: so many are there (a count). `change`: so many more or fewer. */
	mode: z.enum(["set", "change"]),
	value: z.number().int("Units are whole.").min(-largestChange).max(largestChange),
	/** On hand as the person saw it; null: nobody had counted. */
	seen: z.number().int().nullable(),
	note: z.string().trim().max(500).optional(),
	/** Made by the dialog, once: pressing twice counts once. */
	key: z.string().min(8).max(80),
});
export type AdjustStockInput = z.input<typeof adjustStockSchema>;

export type Adjusted =
	| { reason: "adjusted"; from: number; to: number }
	/** Something was sold or counted meanwhile: nothing was done. `now` is on hand by now. */
	| { reason: "stale"; seen: number | null; now: number };

/**
 * Sets or changes what is on hand at a location, as somebody saw it. The number that they saw is held against the ledger:
 * if it has moved since, nothing is done and both are told.
 */
export async function adjustStock(ctx: Context, input: AdjustStockInput): Promise<Adjusted> {
	authorise(ctx, "support");
	const { skuId, locationId, mode, value, seen, note, key } = adjustStockSchema.parse(input);
	if (mode === "change" && value === 0) throw new Unacceptable("Say by how many units it changes.");
	const change = { skuId, locationId, mode, value, seen: { onHand: seen }, note: note || null };
	const outcome = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		changeLevel(tx, ctx, { ...change, causeKey: `adjust:${key}` }),
	);
	switch (outcome.reason) {
		case "below_zero":
			throw new Unacceptable("There can't be fewer than none. Count again.");
		case "stale":
			return { reason: "stale", seen, now: outcome.onHand };
		case "changed":
			notifyLog(ctx.merchantId);
			wake("work", new Set(outcome.pendingChannelIds));
			return { reason: "adjusted", from: outcome.from, to: outcome.to };
	}
}
