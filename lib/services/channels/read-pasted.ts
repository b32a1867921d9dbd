/** What people type and paste into the forms of a platform, as it comes in. */
import { z } from "zod";
import { longestPaste, meantBy, type Reading } from "@/lib/channels/paste-reading";
import { type ConnectablePlatform, isConnectable } from "@/lib/channels/registry";
import { NotFound, WrongFields } from "../errors";

const formInput = {
	platform: z.string(),
	address: z.string().default(""),
	/** By the names of the form's fields. */
	fields: z.record(z.string().max(60), z.string()).default({}),
};

export const visitInput = z.object(formInput);
/**
 * `client_credentials`: Shopify's, for an app and a store of one organisation. `cart`: a store that API2Cart has to be told of
 * first. `secret`: of a channel that there is, `again`, the client secret alone.
 */
export const keysInput = z.object({
	...formInput,
	way: z.enum(["paste", "client_credentials", "cart", "secret"]).default("paste"),
	again: z.string().max(60).default(""),
});

export type FormInput = { platform: ConnectablePlatform; address: string; fields: Record<string, string> };

/** The platform narrowed, and each field as it was meant. Throws NotFound for a platform that can't be connected. */
export function readForm({ platform, address, fields }: z.output<typeof visitInput>): FormInput {
	if (!isConnectable(platform)) throw new NotFound("platform");
	const cleaned = Object.entries(fields).map(([name, text]) => [name, cleanPaste(text)]);
	return { platform, address, fields: Object.fromEntries(cleaned) };
}

/**
 * Without what comes along when text is copied: spaces, line breaks, quotation marks, invisible characters. Of what is too long
 * to be right only so much that it stays so.
 */
export const cleanPaste = (text: string): string =>
	text.length > longestPaste
		? text.slice(0, longestPaste + 1)
		: text.replace(/[\s\u200B-\u200D\u2060\uFEFF]/g, "").replace(/^["'“”„‘’`<]+|["'“”‘’`>]+$/g, "");

/** What was meant, part by part. Throws WrongFields with all that is wrong in any of them. */
export function orWrongFields<T extends unknown[]>(...parts: { [Part in keyof T]: Reading<T[Part]> }): T {
	const problems = parts.flatMap((part) => (part.result === "wrong" ? part.problems : []));
	if (problems.length > 0) throw new WrongFields(problems);
	return parts.map(meantBy) as T;
}
