import { randomUUID } from "node:crypto";
import { asMerchant, type Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { announce } from "../mappings/change-mappings";
import { readCsv } from "../read-csv";
import { appendMovements, type MovementRow } from "../stock/append-movements";
import { lockLevels } from "../stock/lock-levels";
import { recomputeOffers } from "../stock/recompute-offers";
import { type RefusedLine, readSkuRows, type SkuCsvRow } from "./read-sku-csv";

/** One line's effect. A null side is not known; a field that stays is not listed. */
export type SkuChange = {
	line: number;
	code: string;
	kind: "added" | "changed" | "same";
	fields: { field: "title" | "gtin" | "on hand" | "buffer"; from: string | null; to: string }[];
};

export type SkuImport = {
	added: number;
	changed: number;
	same: number;
	refused: RefusedLine[];
	/** Of the preview: the first lines that change something. */
	changes: SkuChange[];
};

export const largestFileBytes = 20 * 1024 * 1024;
const mostLines = 100_000;
/** Lines that one transaction takes. */
const stepSize = 1_000;
const changesShown = 500;

/**
 * Takes a CSV of master SKUs: good lines in, each bad line refused with its number and reason. `isDryRun` changes
 * nothing and tells what would. What the file does not say stays as it is; on hand becomes a count, so the ledger says
 * who brought it about.
 */
export async function importSkus(
	ctx: Context,
	bytes: Uint8Array,
	{ isDryRun }: { isDryRun: boolean },
): Promise<SkuImport> {
	authorise(ctx, "manager");
	if (bytes.length > largestFileBytes)
		throw new Unacceptable("The file is larger than 20 MB. Split it and import the parts.");
	const { rows, refused } = readSkuRows(readCsv(bytes));
	if (rows.length > mostLines)
		throw new Unacceptable("The file has more than 100,000 lines. Split it and import the parts.");
	if (rows.length === 0 && refused.length === 0)
		throw new Unacceptable("The file names its columns and has no line below them.");
	const result: SkuImport = { added: 0, changed: 0, same: 0, refused: [...refused], changes: [] };
	const importId = randomUUID();
	for (let from = 0; from < rows.length; from += stepSize) {
		const step = rows.slice(from, from + stepSize);
		const done = await asMerchant(ctx.db, ctx.merchantId, (tx) => takeStep(tx, ctx, importId, step, isDryRun));
		result.refused.push(...done.refused);
		for (const change of done.changes) {
			result[change.kind] += 1;
			if (change.kind !== "same" && result.changes.length < changesShown) result.changes.push(change);
		}
		announce(ctx, done.pendingChannelIds, isDryRun ? 0 : done.changes.length);
	}
	result.refused.sort((a, b) => a.line - b.line);
	if (!isDryRun) await audit(ctx, importId, result);
	return result;
}

type Known = {
	line: number;
	sku_id: string | null;
	title: string | null;
	gtin: string | null;
	buffer_units: number | null;
	is_bundle: boolean;
	location_id: string | null;
	on_hand: number | null;
	is_counted: boolean;
};

async function takeStep(
	tx: Transaction,
	ctx: Context,
	importId: string,
	rows: readonly SkuCsvRow[],
	isDryRun: boolean,
) {
	const run = statementsOf(tx);
	const before = await readKnown(run, rows);
	const refused: RefusedLine[] = [];
	const good = rows.filter((row) => {
		const sentence = refusalOf(row, before.get(row.line));
		if (sentence) refused.push({ line: row.line, sku: row.code, sentence });
		return sentence === null;
	});
	return { refused, ...(isDryRun ? dryRun(good, before) : await applyStep(tx, run, ctx, importId, good)) };
}

const dryRun = (rows: readonly SkuCsvRow[], before: ReadonlyMap<number, Known>) => ({
	changes: rows.map((row) => changeOf(row, before.get(row.line))),
	pendingChannelIds: [] as string[],
});

function refusalOf(row: SkuCsvRow, known: Known | undefined): string | null {
	if (row.location && !known?.location_id)
		return `There is no location “${row.location}”. Correct the name, or add it in Settings.`;
	if (row.onHand !== null && !known?.location_id)
		return "There is no location yet to count stock at. Add one in Settings.";
	if (row.onHand !== null && row.onHand < 0 && row.onHand !== known?.on_hand) return "On hand can't be set below zero.";
	if (row.onHand !== null && known?.is_bundle) return "This SKU is a bundle: its stock follows from its parts.";
	return null;
}

async function readKnown(run: Statement, rows: readonly SkuCsvRow[]): Promise<Map<number, Known>> {
	const input = JSON.stringify(rows.map(({ line, code, location }) => ({ line, code, location })));
	const known = await run<Known>`
		select i.line, k.id as sku_id, k.title, k.gtin, k.buffer_units, coalesce(k.is_bundle = 'yes', false) as is_bundle, o.id as location_id,
			v.on_hand, v.counted_at is not null as is_counted
		from jsonb_to_recordset(${input}::text::jsonb) as i(line int, code text, location text)
		left join skus k on k.code = i.code
		left join lateral (
			select o.id from locations o where i.location is null or lower(o.name) = lower(i.location) order by o.created_at, o.id limit 1
		) o on true
		left join levels v on v.sku_id = k.id and v.location_id = o.id`;
	return new Map(known.map((row) => [row.line, row]));
}

function changeOf(row: SkuCsvRow, known: Known | undefined): SkuChange {
	const fields: SkuChange["fields"] = [];
	const isNew = !known?.sku_id;
	const note = (
		field: SkuChange["fields"][number]["field"],
		from: string | number | null | undefined,
		to: string | number | null,
	) => {
		if (to !== null && (isNew || String(from ?? "") !== String(to)))
			fields.push({ field, from: isNew ? null : ((from ?? null)?.toString() ?? null), to: String(to) });
	};
	note("title", known?.title, row.title ?? (isNew ? row.code : null));
	note("gtin", known?.gtin, row.gtin);
	note("on hand", known?.is_counted ? known.on_hand : null, row.onHand);
	note("buffer", known?.buffer_units, row.bufferUnits);
	return { line: row.line, code: row.code, kind: isNew ? "added" : fields.length > 0 ? "changed" : "same", fields };
}

/** New codes first, so that each line then finds its SKU; a second line of a new SKU (another location) adds to it. */
async function keepSkus(run: Statement, merchantId: string, rows: readonly SkuCsvRow[]): Promise<void> {
	const input = JSON.stringify(rows.map(({ code }) => ({ code })));
	await run`
		insert into skus (merchant_id, code, title)
		select distinct ${merchantId}::uuid, i.code, '' from jsonb_to_recordset(${input}::text::jsonb) as i(code text) order by 2
		on conflict (merchant_id, code) do nothing`;
}

async function applyStep(tx: Transaction, run: Statement, ctx: Context, importId: string, rows: readonly SkuCsvRow[]) {
	await keepSkus(run, ctx.merchantId, rows);
	const known = await readKnown(run, rows);
	await lockLevels(run, [...new Set(rows.map(({ line }) => known.get(line)?.sku_id ?? "").filter(Boolean))]);
	// Read again under the locks: the difference is taken from what is there now.
	const before = await readKnown(run, rows);
	const changes = rows.map((row) => {
		const now = before.get(row.line);
		return changeOf(row, now?.title === "" ? { ...now, sku_id: null } : now);
	});
	await run`
		update skus k set
			title = coalesce(i.title, nullif(k.title, ''), k.code),
			gtin = coalesce(i.gtin, k.gtin),
			buffer_units = coalesce(i."bufferUnits", k.buffer_units),
			archived_at = null
		from (
			select distinct on (code) code, title, gtin, "bufferUnits"
			from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(line int, code text, title text, gtin text, "bufferUnits" int)
			order by code, line
		) i where k.code = i.code`;
	const movements = rows.flatMap((row): MovementRow[] => {
		const now = before.get(row.line);
		if (row.onHand === null || !now?.sku_id || !now.location_id) return [];
		if (now.is_counted && now.on_hand === row.onHand) return [];
		return [
			{
				skuId: now.sku_id,
				locationId: now.location_id,
				delta: row.onHand - (now.on_hand ?? 0),
				kind: now.is_counted ? "count" : "import",
				causeKey: `csv:${importId}:${row.line}`,
				actor: ctx.actor,
				note: "from a CSV file",
			},
		];
	});
	const appended = await appendMovements(tx, ctx.merchantId, movements);
	const rebuffered = rows.flatMap((row) => {
		const now = before.get(row.line);
		return row.bufferUnits !== null && row.bufferUnits !== now?.buffer_units && now?.sku_id ? [now.sku_id] : [];
	});
	const offered = await recomputeOffers(tx, [...new Set(rebuffered)]);
	const pending = [offered, ...appended].flatMap(({ pendingChannelIds }) => pendingChannelIds);
	return { changes, pendingChannelIds: [...new Set(pending)] };
}

async function audit(ctx: Context, importId: string, { added, changed, refused }: SkuImport): Promise<void> {
	const data = JSON.stringify({ added, changed, refused: refused.length });
	await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) => statementsOf(tx)`
		insert into audit_log (merchant_id, actor, action, subject, data)
		values (${ctx.merchantId}::uuid, ${ctx.actor}, 'skus.imported', ${importId}, ${data}::text::jsonb)`,
	);
}
