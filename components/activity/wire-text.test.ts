import { expect, test } from "vitest";
import { foldText, readableBody, readablePath } from "./wire-text";

test("a path is decoded, its masks stay masks, and its signature is left out", () => {
	expect(
		readablePath(
			"https://shop.example/wp-json/wc/v3/orders?consumer_key=•••&search=%231042%20caf%C3%A9&_fields=id%2Cstatus",
		),
	).toBe("/wp-json/wc/v3/orders?consumer_key=•••&search=#1042 café&_fields=id,status");
	expect(
		readablePath("https://shop.example/orders/%E2%80%A2%E2%80%A2?oauth_nonce=7b&oauth_signature=a%2B&page=2"),
	).toBe("/orders/••?page=2");
	expect(readablePath("https://shop.example/%E0%A4%A")).toBe("/%E0%A4%A");
	expect(readablePath("no address")).toBe("no address");
});

test("JSON is indented, and what is short stays on its line", () => {
	expect(readableBody('{"update":[{"id":1045,"stock_quantity":47},{"id":1048,"stock_quantity":203}]}')).toBe(
		["{", ' "update": [', '  {"id":1045,"stock_quantity":47},', '  {"id":1048,"stock_quantity":203}', " ]", "}"].join(
			"\n",
		),
	);
	expect(readableBody('{"stock_quantity": 0}')).toBe('{"stock_quantity":0}');
	expect(readableBody("<h1>Bad gateway</h1>")).toBe("<h1>Bad gateway</h1>");
});

test("brackets, commas and quotes inside of strings are text", () => {
	const name = 'a "wide, } tarp", [3×3], and so on and so forth';
	expect(readableBody(JSON.stringify({ name, sku: "TRP-33" }))).toBe(
		`{\n "name": ${JSON.stringify(name)},\n "sku": "TRP-33"\n}`,
	);
});

test("a reply that was cut is indented as far as it goes, and says so", () => {
	const whole = JSON.stringify({ products: [{ id: 1, permalink: "https://shop.example/product/tarp", tags: [] }] });
	for (let length = 1; length < whole.length; length++) {
		const text = readableBody(whole.slice(0, length));
		expect(text.endsWith("\n… the rest was not kept")).toBe(true);
		expect(text.split("\n… ")[0]?.replace(/\s/g, "")).toBe(whole.slice(0, length));
	}
	expect(readableBody('{"permalink":"http:\\/\\/shop')).toContain('"http://shop');
});

test("of GraphQL the variables come first, then the query with its own lines", () => {
	const body = JSON.stringify({ query: "\nmutation Set {\n\tset { id }\n}", variables: { quantity: 7 } });
	expect(readableBody(body)).toBe('{"quantity":7}\nmutation Set {\n set { id }\n}');
});

test("a long text is folded to its beginning; a long line counts as the lines that it takes", () => {
	expect(foldText("a\nb\nc", 2)).toBeNull();
	expect(foldText("a\nb\nc\nd", 2)).toEqual({ head: "a\nb", lines: 4 });
	expect(foldText("x".repeat(520), 3)).toEqual({ head: "x".repeat(156), lines: 10 });
});
