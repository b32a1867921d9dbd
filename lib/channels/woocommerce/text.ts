/** WordPress keeps titles and messages as HTML: "Salt &amp; Pepper", "<p>There has been a critical error …</p>". */

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", euro: "€" };

/** As a person would read it: tags gone, entities as characters. */
export function plainText(html: string): string {
	return html
		.replace(/<[^>]*>/g, " ")
		.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
			if (name) return named[name.toLowerCase()] ?? whole;
			const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
			return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
		})
		.replace(/\s+/g, " ")
		.trim();
}

export function blankToNull(text: string | null | undefined): string | null {
	const plain = text ? plainText(text) : "";
	return plain === "" ? null : plain;
}
