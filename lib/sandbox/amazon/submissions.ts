/**
 * What becomes of a patch: judged at once, taken in, and applied later. Of one SKU patches are applied in the order in which
 * they came; a feed keeps its own.
 */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { findItem, type Issue, type ItemRow, type Submitted } from "./items";
import type { Event } from "./news";
import { drawDelay, settingsOf } from "./settings";
import { putToken, type TokenRow } from "./tokens";
import { invalidInput } from "./wire";

type Patch = { op: "add" | "replace" | "merge" | "delete"; path: string; value: Record<string, unknown>[] };

const ops = ["add", "replace", "merge", "delete"];
const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** The body of a patch, or of a feed's message. Throws what Amazon answers to a body that it can't read. */
export function readPatches(body: unknown): Patch[] {
	if (!isObject(body) || typeof body.productType !== "string" || body.productType === "") throw invalidInput();
	if (!Array.isArray(body.patches) || body.patches.length === 0) throw invalidInput();
	return body.patches.map((patch: unknown, index) => {
		if (!isObject(patch) || typeof patch.path !== "string" || !ops.includes(String(patch.op))) throw invalidInput();
		if (patch.value === undefined) throw invalidInput(`Value is missing for patch at index of ${index}.`);
		if (!Array.isArray(patch.value) || !patch.value.every(isObject)) throw invalidInput();
		if (!/^\/attributes\/[A-Za-z0-9_]+$/.test(patch.path)) throw invalidInput();
		return { op: patch.op as Patch["op"], path: patch.path, value: patch.value };
	});
}

const error = (code: string, message: string, attribute: string): Issue => ({
	code,
	message,
	severity: "ERROR",
	attributeNames: [attribute],
	categories: ["INVALID_ATTRIBUTE"],
});

const attribute = "fulfillment_availability";
const isStock = ({ path }: Patch) => path === `/attributes/${attribute}`;

/** Every objection; none that is an error: it is taken in. */
export function judge(item: ItemRow, patches: readonly Patch[]): Issue[] {
	const issues: Issue[] = item.data.refusesWith ? [item.data.refusesWith] : [];
	for (const patch of patches) {
		const name = patch.path.slice("/attributes/".length);
		if (/[A-Z]/.test(name)) issues.push(error("90000900", "The attributes are invalid.", name));
		if (!isStock(patch)) continue;
		for (const row of patch.value) {
			if (typeof row.fulfillment_channel_code !== "string" || row.fulfillment_channel_code === "")
				issues.push(
					error(
						"90220",
						"The field 'fulfillment_channel_code' for the attribute 'fulfillment_availability' does not have enough values. The required minimum is '1' value(s).",
						attribute,
					),
				);
			const { quantity } = row;
			if (quantity !== undefined && !(Number.isInteger(quantity) && (quantity as number) >= 0))
				issues.push(
					error(
						"90244",
						"The value of the field 'quantity' for the attribute 'fulfillment_availability' is invalid.",
						attribute,
					),
				);
		}
	}
	return issues;
}

const rowsOf = (patch: Patch) => patch.value as unknown as Submitted[];

/** What the attributes say from now on: the last that was submitted, whether or not it is ever applied. */
function submittedAfter(before: readonly Submitted[], patch: Patch): Submitted[] {
	const rows = new Map(before.map((row) => [row.fulfillment_channel_code, row]));
	for (const row of rowsOf(patch)) {
		const code = row.fulfillment_channel_code;
		if (patch.op === "delete") rows.delete(code);
		// Only a merge keeps the handling time and the restock date of its row.
		else rows.set(code, patch.op === "merge" ? { ...rows.get(code), ...row } : row);
	}
	return [...rows.values()];
}

type Landing = { sku: string; patches: Patch[] };

/** Takes it in. Returns the submission's id. */
export async function accept(
	tx: Executor,
	ctx: SandboxContext,
	store: SandboxStore,
	item: ItemRow,
	patches: readonly Patch[],
	by: "patch" | "feed",
): Promise<string> {
	const settings = settingsOf(store);
	const now = ctx.now();
	const stock = patches.filter(isStock);
	const submitted = stock.reduce<Submitted[]>(submittedAfter, item.data.submitted);
	await tx.execute(sql`
		update sandbox.items set data = data || ${JSON.stringify({ submitted })}::jsonb, modified_at = ${now.toISOString()}::timestamptz
		where store_id = ${store.id} and id = ${item.id}`);
	const submissionId = randomUUID();
	if (stock.length === 0 || ctx.random() < settings.neverAppliedRate) return submissionId;
	const delayMs = drawDelay(settings.effectMedianMs, settings.effectLongestMs, ctx.random);
	const ahead = by === "patch" ? await lastDue(tx, store.id, item.sku) : 0;
	await putToken(tx, store.id, {
		token: submissionId,
		kind: "submission",
		data: { sku: item.sku, by, patches: stock },
		expiresAt: new Date(Math.max(now.getTime() + delayMs, ahead)),
		createdAt: now,
	});
	return submissionId;
}

async function lastDue(tx: Executor, storeId: string, sku: string): Promise<number> {
	const [row] = await tx.execute<{ due_at: string | null }>(sql`
		select max(expires_at) as due_at from sandbox.tokens
		where store_id = ${storeId} and kind = 'submission' and data->>'sku' = ${sku} and data->>'by' = 'patch'`);
	return row?.due_at ? Date.parse(row.due_at) + 1 : 0;
}

/** Applies whatever has come to its moment. */
export async function landDue(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	tell: (...events: Event[]) => void,
): Promise<void> {
	const due = await tx.execute<TokenRow<Landing>>(sql`
		delete from sandbox.tokens where store_id = ${store.id} and kind = 'submission' and expires_at <= ${ctx.now().toISOString()}::timestamptz
		returning token, kind, data, expires_at, created_at`);
	for (const { data } of [...due].sort((a, b) => Date.parse(a.expires_at ?? "") - Date.parse(b.expires_at ?? ""))) {
		const item = await findItem(tx, store.id, data.sku, sql`for update`);
		if (item) for (const patch of data.patches) await land(tx, ctx, store, item, patch, tell);
	}
}

async function land(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	item: ItemRow,
	patch: Patch,
	tell: (...events: Event[]) => void,
): Promise<void> {
	for (const row of rowsOf(patch)) {
		if (row.fulfillment_channel_code !== "DEFAULT") continue;
		if (patch.op === "delete") item.data.hasDefault = false;
		else {
			item.data.hasDefault = true;
			if (row.is_inventory_available) item.quantity = null;
			else if (row.quantity !== undefined) item.quantity = await netted(tx, store, item, row.quantity);
		}
	}
	const changed = await tx.execute<{ before: number | null }>(sql`
		update sandbox.items i set quantity = ${item.quantity}, is_managed = ${item.quantity !== null},
			data = i.data || ${JSON.stringify({ hasDefault: item.data.hasDefault })}::jsonb, modified_at = ${ctx.now().toISOString()}::timestamptz
		from sandbox.items old
		where i.store_id = ${store.id} and i.id = ${item.id} and old.store_id = i.store_id and old.id = i.id
		returning old.quantity as before`);
	if (item.quantity !== null && changed[0]?.before !== item.quantity)
		tell({ type: "LISTINGS_ITEM_MFN_QUANTITY_CHANGE", sku: item.sku, quantity: item.quantity });
}

async function netted(tx: Transaction, store: SandboxStore, item: ItemRow, quantity: number): Promise<number> {
	if (!settingsOf(store).pendingNettedOnWrite) return quantity;
	const [row] = await tx.execute<{ units: number }>(sql`
		select coalesce(sum((l->>'quantityOrdered')::int), 0)::int as units
		from sandbox.orders o cross join lateral jsonb_array_elements(o.data->'items') as l
		where o.store_id = ${store.id} and o.status = 'PENDING' and l->>'sku' = ${item.sku}`);
	return Math.max(0, quantity - (row?.units ?? 0));
}
