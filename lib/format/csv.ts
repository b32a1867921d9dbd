/** CSV as shops and spreadsheets write it: any usual encoding and separator in, one strict form out. Pure. */
import Papa from "papaparse";

/** Reads bytes as text: by byte order mark, else UTF-8 where they are valid, else what older spreadsheets write. */
export function decodeText(bytes: Uint8Array): string {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return new TextDecoder("windows-1252").decode(bytes);
	}
}

export type CsvTable = {
	/** Lower case, letters only: "On hand" and "on_hand" are one column. */
	columns: string[];
	/** `line`: of the file, as an editor counts. `extra`: what stands behind the last column. */
	rows: { line: number; values: Record<string, string>; extra: string[] }[];
	/** Lines that open a quote and do not close it, or go on behind it. What follows them is read as if they were not there. */
	brokenLines: number[];
};

export const columnKey = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

const lineBreak = /\r\n|\r|\n/g;

/** Separators are found by looking: comma, semicolon, tab or bar. Empty lines are skipped; quotes may span lines. */
export function parseCsv(text: string): CsvTable {
	const source = text.replace(/^\uFEFF/, "");
	const { delimiter } = Papa.parse(source, { delimitersToGuess: [",", ";", "\t", "|"], preview: 10 }).meta;
	const columns: string[] = [];
	const rows: CsvTable["rows"] = [];
	const brokenLines: number[] = [];
	let line = 1;
	for (let at = 0; at < source.length; ) {
		const record = readRecord(source, at, delimiter);
		const end = record ? record.end : endOfLine(source, at);
		const next = nextLine(source, end);
		if (!record) brokenLines.push(line);
		else if (record.cells.every((cell) => cell.trim() === "")) {
			// An empty line says nothing.
		} else if (columns.length === 0) columns.push(...record.cells.map(columnKey));
		else
			rows.push({
				line,
				values: Object.fromEntries(columns.map((column, index) => [column, readCell(record.cells[index] ?? "")])),
				extra: record.cells.slice(columns.length).map(readCell).filter(Boolean),
			});
		line += source.slice(at, next).match(lineBreak)?.length ?? 0;
		at = next;
	}
	return { columns, rows, brokenLines };
}

/** The cells of the record that begins at `at`, and where it ends; null: its quotes don't add up. */
function readRecord(source: string, at: number, delimiter: string): { cells: string[]; end: number } | null {
	const cells: string[] = [];
	for (let from = at; ; from += delimiter.length) {
		const isQuoted = source[from] === '"';
		const end = isQuoted ? endOfQuoted(source, from, delimiter) : endOfPlain(source, from, delimiter);
		if (end === null) return null;
		const cell = source.slice(from, end);
		cells.push(isQuoted ? cell.trimEnd().slice(1, -1).replaceAll('""', '"') : cell);
		if (!source.startsWith(delimiter, end)) return { cells, end };
		from = end;
	}
}

function endOfPlain(source: string, from: number, delimiter: string): number {
	let end = from;
	while (end < source.length && source[end] !== delimiter && source[end] !== "\n" && source[end] !== "\r") end += 1;
	return end;
}

/** Behind the quote that closes it and the blanks that may follow; null: it is not closed, or goes on behind the quote. */
function endOfQuoted(source: string, from: number, delimiter: string): number | null {
	let quote = source.indexOf('"', from + 1);
	while (quote >= 0 && source[quote + 1] === '"') quote = source.indexOf('"', quote + 2);
	if (quote < 0) return null;
	let end = quote + 1;
	while (source[end] === " ") end += 1;
	const isClosed = end === source.length || [delimiter, "\n", "\r"].includes(source[end] ?? "");
	return isClosed ? end : null;
}

function endOfLine(source: string, at: number): number {
	const found = source.slice(at).search(/[\r\n]/);
	return found < 0 ? source.length : at + found;
}

const nextLine = (source: string, end: number): number => end + (source.startsWith("\r\n", end) ? 2 : 1);

/** The inverse of {@link writeCell}. */
const readCell = (cell: string): string => cell.trim().replace(/^'(?=[=+\-@\t\r])/, "");

/** A spreadsheet would run a cell that begins like a formula: an apostrophe before it keeps it text. Numbers are numbers. */
const writeCell = (value: string | number | null): string => {
	if (value === null) return "";
	if (typeof value === "number") return String(value);
	return /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
};

/** With a byte order mark, so that Excel reads it as UTF-8. */
export const writeCsv = (columns: readonly string[], rows: readonly (string | number | null)[][]): string =>
	`\uFEFF${Papa.unparse({ fields: [...columns], data: rows.map((row) => row.map(writeCell)) }, { newline: "\r\n" })}\r\n`;

/** For the clipboard: what a spreadsheet pastes as cells. */
export const writeTsv = (rows: readonly (string | number | null)[][]): string =>
	Papa.unparse(
		rows.map((row) => row.map(writeCell)),
		{ delimiter: "\t", newline: "\n" },
	);

/** Cells from a spreadsheet's clipboard. */
export const parseTsv = (text: string): string[][] =>
	Papa.parse<string[]>(text.replace(/\r?\n$/, ""), { delimiter: "\t" }).data.map((row) => row.map(readCell));
