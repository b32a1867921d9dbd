import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeDocument } from "./documents";
import { readItemList } from "./report";

const skusIn = (text: string) => readItemList(text).map(({ sku }) => sku);

describe("the list of all products", () => {
	test("is read by the name of its column, wherever that stands", () => {
		expect(skusIn("item-name\tseller-sku\tquantity\nCup\tCUP\t3\nTee\tTEE S\t\n")).toEqual(["CUP", "TEE S"]);
		expect(skusIn("seller-sku\titem-name\r\nCUP\tCup\r\n")).toEqual(["CUP"]);
	});

	test("keeps quotes, spaces, case and commas as they are: nothing is quoted in it", () => {
		expect(skusIn('item-name\tseller-sku\n"Tea" 5"\t"A,b" \n\ta/B\n')).toEqual(['"A,b" ', "a/B"]);
	});

	test("lists a SKU once, and none for a line without", () => {
		expect(skusIn("seller-sku\tx\nA\t1\nA\t2\n\t3\n\n")).toEqual(["A"]);
	});

	test("brings the ASIN along, where it has that column", () => {
		expect(readItemList("seller-sku\tasin1\nCUP\tB01\nTEE\t\n")).toEqual([
			{ sku: "CUP", asin: "B01" },
			{ sku: "TEE", asin: null },
		]);
		expect(readItemList("seller-sku\nCUP\n")).toEqual([{ sku: "CUP", asin: null }]);
	});

	test("without its column is named as such, and not as an empty catalogue", () => {
		expect(() => skusIn("item-name\tquantity\nCup\t3\n")).toThrow(/no column seller-sku/);
		expect(() => skusIn("")).toThrow(/no column/);
	});
});

describe("a document", () => {
	const text = "Café für Groß";

	test.each([
		["UTF-8", Buffer.from(text, "utf8")],
		["Cp1252", Buffer.from(text, "latin1")],
		["windows-1252", Buffer.from(text, "latin1")],
	])("in %s is read in it, packed or not", (charset, bytes) => {
		const type = `text/plain;charset=${charset}`;
		expect(decodeDocument(bytes, type, null)).toBe(text);
		expect(decodeDocument(gzipSync(bytes), type, "GZIP")).toBe(text);
	});

	test("that the way unpacked already is not unpacked again", () => {
		expect(decodeDocument(Buffer.from(text), undefined, "GZIP")).toBe(text);
	});

	test("in an encoding that nobody knows is read as UTF-8", () => {
		expect(decodeDocument(Buffer.from(text), "text/plain;charset=klingon", null)).toBe(text);
	});

	test("that is damaged is named as such", () => {
		const damaged = gzipSync(Buffer.from(text)).subarray(0, 12);
		expect(() => decodeDocument(damaged, undefined, "GZIP")).toThrow(/can't be unpacked/);
	});

	test("in Japanese is read", () => {
		// カップ
		expect(
			decodeDocument(Buffer.from([0x83, 0x4a, 0x83, 0x62, 0x83, 0x76]), "text/plain;charset=Shift_JIS", null),
		).toBe("カップ");
	});
});
