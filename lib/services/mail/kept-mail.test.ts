import { expect, test } from "vitest";
import { readableHead } from "./kept-mail";

test("text is shown as it came, also where it is cut within a character", () => {
	const text = Buffer.from("{broken: Größe 42€");
	expect(readableHead(text, text.length)).toEqual({ body: "{broken: Größe 42€", isHex: false, isCut: false });
	expect(readableHead(text.subarray(0, -1), text.length)).toEqual({
		body: "{broken: Größe 42",
		isHex: false,
		isCut: true,
	});
	expect(readableHead(Buffer.alloc(0), 0)).toEqual({ body: "", isHex: false, isCut: false });
});

test("what is no text is shown in hexadecimal, and only its beginning", () => {
	expect(readableHead(Buffer.from([0x1f, 0x8b, 0x08]), 3)).toEqual({ body: "1f 8b 08", isHex: true, isCut: false });
	expect(readableHead(Buffer.from("a\u0000b"), 3)).toMatchObject({ body: "61 00 62", isHex: true });
	expect(readableHead(Buffer.alloc(300, 0xff), 300)).toMatchObject({ isHex: true, isCut: true });
});
