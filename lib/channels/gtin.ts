/**
 * Barcodes as products carry them: GTIN-8, UPC-A (12), EAN-13 and GTIN-14, all one number space.
 * Check digit and padding: GS1 General Specifications, section 7.9.
 */

/**
 * The 14-digit form of a barcode, or null for anything that is no GTIN: other lengths, letters, a wrong check digit.
 * Merchants type barcodes by hand, so spaces and hyphens are forgiven and nothing else is.
 */
export function normaliseGtin(barcode: string | null | undefined): string | null {
	const digits = barcode?.replace(/[\s-]/g, "") ?? "";
	if (!/^(\d{8}|\d{12,14})$/.test(digits) || /^0+$/.test(digits)) return null;
	const gtin = digits.padStart(14, "0");
	return checkDigit(gtin.slice(0, 13)) === gtin[13] ? gtin : null;
}

/** The digit that makes the weighted sum (3, 1, 3, … from the right) a multiple of ten. */
function checkDigit(body: string): string {
	let sum = 0;
	for (let i = 0; i < body.length; i++) sum += Number(body[body.length - 1 - i]) * (i % 2 === 0 ? 3 : 1);
	return String((10 - (sum % 10)) % 10);
}
