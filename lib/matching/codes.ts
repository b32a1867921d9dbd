/** What makes two codes or barcodes the same. Pure. */
import { normaliseGtin } from "@/lib/channels/gtin";

/** Upper case, letters and digits only, as the database's generated columns keep it; null when nothing is left. */
export const normaliseCode = (code: string | null | undefined): string | null =>
	code?.replace(/[^\p{L}\p{N}]/gu, "").toUpperCase() || null;

/**
 * A barcode that names one product everywhere, in 14 digits; null for what is no GTIN and for numbers of restricted
 * circulation, which every shop may give away by itself (GS1 General Specifications 1.4: GTIN-13 prefixes 02, 04 and
 * 20–29, GTIN-8 that begin with 0 or 2).
 */
export function globalGtin(barcode: string | null | undefined): string | null {
	const gtin = normaliseGtin(barcode);
	if (!gtin) return null;
	const isShort = gtin.startsWith("000000");
	const isRestricted = isShort ? /^0{6}[02]/.test(gtin) : /^0(02|04|2)/.test(gtin);
	return isRestricted ? null : gtin;
}
