/**
 * Saving source items: all rows are looked at first, and one that is wrong saves none. The save itself is no transaction, and
 * what comes after it in the same request (indexer, legacy number) can fail with the rows already stored.
 */
import { takeIds } from "../context";
import { productsBySku, type SourceItem, upsertSourceItems } from "./rows";
import { type Call, MageError, reportError, required } from "./wire";

const rowType = "\\Magento\\InventoryApi\\Api\\Data\\SourceItemInterface";
const known = ["sku", "source_code", "sourceCode", "quantity", "status", "extension_attributes"];

type Raw = Record<string, unknown>;

/** Types first, as the request is read: they are refused before anything is queued or looked at. */
export function readSourceItems({ settings, ctx }: Call, body: unknown, limit: number | null): Raw[] {
	const given = (body ?? {}) as Raw;
	const rows = given.sourceItems ?? given.source_items;
	if (!Array.isArray(rows)) throw required("sourceItems");
	if (limit !== null && rows.length > limit)
		throw new MageError(400, 'Maximum items of type "%type" is %max', { type: rowType, max: limit });
	for (const row of rows as Raw[]) {
		if (typeof row !== "object" || row === null) throw reportError(ctx.random);
		const odd = Object.keys(row).find((name) => !known.includes(name));
		if (odd !== undefined)
			throw settings.isStrict
				? new MageError(400, '"%fieldName" is not supported. Correct the field name and try again.', { fieldName: odd })
				: reportError(ctx.random);
		typed(row, "quantity", "float");
		typed(row, "status", "int");
	}
	return rows as Raw[];
}

function typed(row: Raw, field: string, type: "float" | "int"): void {
	const value = row[field];
	if (value === undefined || value === null) return;
	const isNumber = typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
	if (!isNumber)
		throw new MageError(
			400,
			`Error occurred during "${field}" processing. The "${String(value)}" value's type is invalid. The "${type}" type was expected. Verify and try again.`,
		);
}

type Complaint = { message: string; parameters: Record<string, unknown> };
const empty = (field: string): Complaint => ({ message: '"%field" can not be empty.', parameters: { field } });

function complaintsOf(raw: Raw, isStrict: boolean): Complaint[] {
	const sku = String(raw.sku ?? "");
	const source = String(raw.source_code ?? raw.sourceCode ?? "");
	const found: Complaint[] = [];
	if (sku.trim() === "") found.push(empty("sku"));
	else if (isStrict && sku !== sku.trim())
		found.push({ message: '"%field" can not contain leading or trailing spaces.', parameters: { field: "sku" } });
	if (source.trim() === "") found.push(empty("source_code"));
	else if (/\s/.test(source))
		found.push({ message: '"%field" can not contain whitespaces.', parameters: { field: "source_code" } });
	if (raw.quantity === undefined || raw.quantity === null)
		found.push({ message: '"%field" should be numeric.', parameters: { field: "quantity" } });
	if (raw.status === undefined || raw.status === null || ![0, 1].includes(Number(raw.status)))
		found.push({ message: '"%field" should a known status.', parameters: { field: "status" } });
	return found;
}

const rendered = ({ message, parameters }: Complaint) => message.replace("%field", String(parameters.field));

/** Throws MageError. Nothing is stored where the validation fails. */
export async function saveSourceItems(call: Call, raw: readonly Raw[]): Promise<void> {
	const { ctx, store, settings } = call;
	if (raw.length === 0) throw new MageError(400, "Input data is empty");
	const complaints = raw.flatMap((row) => complaintsOf(row, settings.isStrict));
	const [first] = complaints;
	if (first)
		throw settings.explains
			? new MageError(400, `Validation Failed: ${rendered(first)}`, undefined, complaints)
			: new MageError(400, "Validation Failed");
	const rows = raw.map(
		(row): SourceItem => ({
			sku: String(row.sku),
			source_code: String(row.source_code ?? row.sourceCode),
			quantity: Number(row.quantity),
			status: Number(row.status),
		}),
	);
	const couldNotSave = () => new MageError(400, "Could not save Source Item");
	if (rows.some(({ source_code }) => !settings.sources.some(({ code }) => code === source_code))) throw couldNotSave();
	const known = await productsBySku(
		ctx.db,
		store.id,
		rows.map(({ sku }) => sku),
	);
	// Of a product that there is not, or that holds no stock, a useless row is kept, and the answer is as good as any.
	const ids = await takeIds(ctx.db, store.id, rows.length);
	if (settings.deadlockRate > 0 && ctx.random() < settings.deadlockRate) {
		const part = Math.floor(rows.length / 2);
		if (part > 0) await upsertSourceItems(ctx.db, store.id, rows.slice(0, part), ids);
		throw couldNotSave();
	}
	await upsertSourceItems(ctx.db, store.id, rows, ids);
	if (settings.breaksInIndexer && known.length > 0) throw reportError(ctx.random);
}
