import type { z } from "zod";
import { UnreadableMail } from "./news";

/** A webhook's body in the shape that its topic promises. Throws UnreadableMail, which says how far the reading came. */
export function readMailBody<T>(
	shape: z.ZodType<T>,
	topic: string,
	rawBody: Buffer,
	parse: (text: string) => unknown = JSON.parse,
): T {
	const text = rawBody.toString("utf8");
	if (text.trim() === "") throw new UnreadableMail("The body is empty.");
	let json: unknown;
	try {
		json = parse(text);
	} catch (cause) {
		throw new UnreadableMail("The body is not JSON.", { cause });
	}
	const read = shape.safeParse(json);
	if (!read.success)
		throw new UnreadableMail(`The body is JSON, but not what ${topic} promises.`, { cause: read.error });
	return read.data;
}
