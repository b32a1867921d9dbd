import type { z } from "zod";
import { AmazonError } from "./client";

/** A place in a list, opaque to everybody else. */
export const writeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString("base64url");

export function readCursor<T>(shape: z.ZodType<T>, page: string): T {
	try {
		return shape.parse(JSON.parse(Buffer.from(page, "base64url").toString("utf8")));
	} catch (cause) {
		throw new AmazonError("unreadable", "This place in the list can't be found again; start from the first page.", {
			cause,
		});
	}
}
