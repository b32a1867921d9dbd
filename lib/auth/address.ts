/** The client's address as the nearest proxy (or the server itself) wrote it down; the rest of the list is hearsay. */
export function addressOf(headers: Headers): string {
	return headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() || "unknown";
}
