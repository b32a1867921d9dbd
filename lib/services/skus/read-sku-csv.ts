/** A file of master SKUs, line by line: what is good, and why the rest is refused. Pure. */
import { normaliseGtin } from "@/lib/channels/gtin";
import { type CsvTable, columnKey } from "@/lib/format/csv";

export type SkuCsvRow = {
	line: number;
	code: string;
	/** Null: the file does not say; a new SKU then takes its code. */
	title: string | null;
	/** 14 digits; null: not said. */
	gtin: string | null;
	/** Units; null: not said, and not counted by it. Negative only as an export wrote it: oversold stays oversold. */
	onHand: number | null;
	/** Name of a location; null: the first. */
	location: string | null;
	/** Units; null: not said. */
	bufferUnits: number | null;
};

export type RefusedLine = { line: number; sku: string; sentence: string };

/** The first name is how we write it; the others are what shops and other tools call the same. */
const names = {
	sku: ["sku", "code", "item", "itemnumber", "stockitem", "variantsku"],
	title: ["title", "name", "product", "producttitle", "description"],
	gtin: ["gtin", "ean", "upc", "barcode", "variantbarcode"],
	onHand: ["onhand", "quantity", "qty", "stock", "stocklevel", "available"],
	location: ["location", "warehouse"],
	buffer: ["buffer", "bufferunits", "safetystock"],
} as const;

const largest = 1_000_000_000;

export function readSkuRows(table: CsvTable): { rows: SkuCsvRow[]; refused: RefusedLine[] } {
	const columnOf = (name: keyof typeof names) => names[name].find((alias) => table.columns.includes(columnKey(alias)));
	const skuColumn = columnOf("sku");
	if (!skuColumn)
		return {
			rows: [],
			refused: [
				{
					line: 1,
					sku: "",
					sentence:
						"There is no column “sku”. Name the columns in the first line: sku, title, gtin, on_hand, location, buffer.",
				},
			],
		};
	const columns = {
		title: columnOf("title"),
		gtin: columnOf("gtin"),
		onHand: columnOf("onHand"),
		location: columnOf("location"),
		buffer: columnOf("buffer"),
	};
	const rows: SkuCsvRow[] = [];
	const refused: RefusedLine[] = [];
	const seen = new Map<string, number>();
	for (const line of table.brokenLines)
		refused.push({
			line,
			sku: "",
			sentence: 'A quote (") is opened and not closed, so nobody can say where its values end.',
		});
	for (const { line, values, extra } of table.rows) {
		const code = values[skuColumn] ?? "";
		const text = (column: string | undefined) => (column ? values[column] || null : null);
		try {
			if (extra.length > 0)
				throw new Refusal(
					`“${extra.join("”, “")}” stands behind the last column. A value that has the separator in it goes in quotes.`,
				);
			const row: SkuCsvRow = {
				line,
				code: readCode(code),
				title: text(columns.title)?.slice(0, 500) ?? null,
				gtin: readGtin(text(columns.gtin)),
				onHand: readUnits(text(columns.onHand), "On hand", -largest),
				location: text(columns.location),
				bufferUnits: readUnits(text(columns.buffer), "Buffer", 0),
			};
			const key = `${row.code}\n${row.location?.toLowerCase() ?? ""}`;
			const earlier = seen.get(key);
			if (earlier)
				throw new Refusal(`The same SKU${row.location ? " and location" : ""} stands in line ${earlier} already.`);
			seen.set(key, line);
			rows.push(row);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			refused.push({ line, sku: code, sentence: error.message });
		}
	}
	return { rows, refused };
}

class Refusal extends Error {}

function readCode(code: string): string {
	if (code === "") throw new Refusal("The SKU is empty.");
	if (code.length > 100) throw new Refusal("The SKU is longer than 100 characters.");
	if (!/[\p{L}\p{N}]/u.test(code)) throw new Refusal(`“${code}” has no letter and no digit.`);
	return code;
}

function readGtin(text: string | null): string | null {
	if (text === null) return null;
	if (/^\d+([.,]\d+)?e\+?\d+$/i.test(text))
		throw new Refusal(`A spreadsheet turned the barcode into ${text}. Format the column as text and export again.`);
	const gtin = normaliseGtin(text);
	if (!gtin)
		throw new Refusal(`${text} is no valid barcode: 8, 12, 13 or 14 digits, the last of which checks the others.`);
	return gtin;
}

function readUnits(text: string | null, what: string, least: number): number | null {
	if (text === null) return null;
	const plain = text.replace(/[.,]0+$/, "");
	if (!/^-?\d+$/.test(plain) || Number(plain) > largest || Number(plain) < least)
		throw new Refusal(`${what} is “${text}”; write a whole number without separators.`);
	return Number(plain);
}
