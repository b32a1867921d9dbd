import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, parseCsv, parseTsv, writeCsv, writeTsv } from "./csv";

describe("a file from a shop or a spreadsheet", () => {
	it("is read in the encodings that spreadsheets write", () => {
		const text = "sku;title\r\nA;Größe";
		const utf16 = Buffer.from(`\uFEFF${text}`, "utf16le");
		const older = Buffer.from(text, "latin1");
		for (const bytes of [Buffer.from(text), Buffer.from(`\uFEFF${text}`), utf16, utf16.swap16(), older])
			expect(parseCsv(decodeText(bytes)).rows[0]?.values).toEqual({ sku: "A", title: "Größe" });
	});

	it("names each row by the line on which it begins, past empty lines and quoted line breaks", () => {
		const { rows, columns } = parseCsv('SKU,On hand\n\nA,1\n"B\n2",2\nC,3\n');
		expect(columns).toEqual(["sku", "onhand"]);
		expect(rows.map(({ line, values }) => [line, values.sku])).toEqual([
			[3, "A"],
			[4, "B\n2"],
			[6, "C"],
		]);
	});

	it("lets a line with an open quote swallow none of those below it", () => {
		const { rows, brokenLines } = parseCsv(
			'sku,title,qty\nA,"Open,5\nB,Lamp,7\nC,"Half" closed,1\nD,"Whole, with\na break" ,2\n',
		);
		expect(brokenLines).toEqual([2, 4]);
		expect(rows.map(({ line, values }) => [line, values.sku, values.title])).toEqual([
			[3, "B", "Lamp"],
			[5, "D", "Whole, with\na break"],
		]);
	});

	it("reads a large file whose every quote is wrong in one pass", () => {
		const { brokenLines } = parseCsv(`sku,title\n${'A,"Lamp" large\n'.repeat(100_000)}`);
		expect(brokenLines).toHaveLength(100_000);
	});

	it("never carries a formula out, and reads its own files back unchanged", () => {
		expect(writeCsv(["a"], [["=1+1"], ["-2"], [-2]])).toContain("'=1+1\r\n'-2\r\n-2");
		const cell = fc
			.string({ minLength: 1 })
			.filter((text) => text.trim() === text && text !== "" && !/^'[=+\-@\t\r]/.test(text));
		fc.assert(
			fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
				expect(parseCsv(writeCsv(["a", "b"], rows)).rows.map(({ values }) => [values.a, values.b])).toEqual(rows);
				expect(parseTsv(writeTsv(rows))).toEqual(rows);
			}),
		);
	});
});
