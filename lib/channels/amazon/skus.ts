/** How a SKU can be named to Amazon. */

/** In a list of identifiers commas part the SKUs, whether encoded or not. */
export const isListable = (sku: string): boolean => !sku.includes(",");

/** Seen by sellers: a count of 40 characters that includes those of the encoding. */
const longestInPath = 40;

/**
 * A SKU in the path of a call is encoded once. Slashes and number signs there led to 403 or to another SKU, a backslash counts
 * as a slash, and a SKU of dots is a step up the path however it is encoded: those go without a path, by list or feed.
 */
export const isPathSafe = (sku: string, encoded: string): boolean =>
	!/[/\\#]/.test(sku) && !/^\.+$/.test(sku) && encoded.length <= longestInPath;
