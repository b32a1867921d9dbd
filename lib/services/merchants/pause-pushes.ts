import { and, eq, isNotNull, isNull } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { auditLog, merchants, syncLog } from "@/db/schema";
import { notifyLog } from "@/lib/live/notify";
import { authorise, type Context } from "../context";

export type PauseChange = { changed: boolean; pausedAt: Date | null };

/** Stops every write to every channel (R12): a claim checks this column, so what is not yet sent stays. Twice is once. */
export function pausePushes(ctx: Context): Promise<PauseChange> {
	const pausedAt = ctx.now();
	return change(ctx, "merchant.paused", pausedAt, (tx) =>
		tx
			.update(merchants)
			.set({ pushesPausedAt: pausedAt })
			.where(and(eq(merchants.id, ctx.merchantId), isNull(merchants.pushesPausedAt)))
			.returning({ id: merchants.id }),
	);
}

/** Lets writes leave again; only the newest numbers do, since offers are state and not messages. */
export function resumePushes(ctx: Context): Promise<PauseChange> {
	return change(ctx, "merchant.resumed", null, (tx) =>
		tx
			.update(merchants)
			.set({ pushesPausedAt: null })
			.where(and(eq(merchants.id, ctx.merchantId), isNotNull(merchants.pushesPausedAt)))
			.returning({ id: merchants.id }),
	);
}

async function change(
	ctx: Context,
	kind: "merchant.paused" | "merchant.resumed",
	pausedAt: Date | null,
	write: (tx: Transaction) => Promise<{ id: string }[]>,
): Promise<PauseChange> {
	authorise(ctx, "manager");
	const { merchantId, actor } = ctx;
	const result = await asMerchant(ctx.db, merchantId, async (tx): Promise<PauseChange> => {
		const [changed] = await write(tx);
		if (!changed) {
			// Somebody was faster; their moment stands.
			const [merchant] = await tx
				.select({ pausedAt: merchants.pushesPausedAt })
				.from(merchants)
				.where(eq(merchants.id, merchantId));
			return { changed: false, pausedAt: merchant?.pausedAt ?? null };
		}
		await tx.insert(auditLog).values({ merchantId, actor, action: kind, subject: merchantId });
		await tx.insert(syncLog).values({ merchantId, kind, state: pausedAt ? "hold" : "ok", data: { actor } });
		return { changed: true, pausedAt };
	});
	if (result.changed) notifyLog(merchantId);
	return result;
}
