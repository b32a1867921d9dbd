import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Tell } from "../news";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { applyChanges, type Change } from "./ledger";
import { countsNews } from "./news";
import type { OrderRow } from "./order-rows";
import { newId } from "./settings";

/** What is paid goes from stock to sold. */
export async function takeStock(
	tx: Transaction,
	tell: Tell,
	ctx: SandboxContext,
	store: SandboxStore,
	order: OrderRow,
	occurredAt: Date,
): Promise<void> {
	await moveLines(tx, tell, ctx, store, order, order.data.lines, { occurredAt, from: "IN_STOCK", to: "SOLD" });
}

/** Lines of the catalogue from one state of the ledger to another. */
export async function moveLines(
	tx: Transaction,
	tell: Tell,
	ctx: SandboxContext,
	store: SandboxStore,
	order: OrderRow,
	lines: readonly { variationId: string | null; quantity: number }[],
	move: { occurredAt: Date; from: string; to: string; refundId?: string },
): Promise<void> {
	const ids = lines.flatMap(({ variationId }) => (variationId ? [variationId] : []));
	const tracked = await tx.execute<{ id: string }>(sql`
		select id from sandbox.items where store_id = ${store.id} and is_managed and id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`);
	const isTracked = new Set(tracked.map(({ id }) => id));
	const changes = lines.flatMap(({ variationId, quantity }): Change[] =>
		variationId && isTracked.has(variationId) && quantity > 0
			? [
					{
						type: "ADJUSTMENT",
						id: newId(ctx.random),
						variationId,
						locationId: order.data.locationId,
						quantity,
						occurredAt: move.occurredAt,
						createdAt: ctx.now(),
						from: move.from,
						to: move.to,
						transactionId: order.id,
						refundId: move.refundId,
						source: { product: "SQUARE_POS", name: "Point of Sale" },
					},
				]
			: [],
	);
	if (changes.length > 0) tell(await countsNews(tx, ctx, store, await applyChanges(tx, store.id, changes)));
}
