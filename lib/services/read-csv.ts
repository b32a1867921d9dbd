import { type CsvTable, decodeText, parseCsv } from "@/lib/format/csv";
import { Unacceptable } from "./errors";

/** A file that a person brought, as a table; what is none is named as what it is. */
export function readCsv(bytes: Uint8Array): CsvTable {
	const text = decodeText(bytes);
	// No text has it, and every picture, workbook and archive does.
	if (text.includes("\u0000"))
		throw new Unacceptable("This is not a CSV. In a spreadsheet choose “Save as” or “Download”, then CSV.");
	const table = parseCsv(text);
	if (table.columns.length === 0 && table.brokenLines.length === 0)
		throw new Unacceptable("The file is empty. Its first line names the columns.");
	return table;
}
