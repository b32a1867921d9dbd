/** What people type and paste into the forms of a platform, as it comes in. */
import { z } from "zod";
import { PasteProblem } from "@/lib/channels/paste-form";
import { type ConnectablePlatform, isConnectable } from "@/lib/channels/registry";
import { NotFound, Unacceptable } from "../errors";

/** Amazon's tokens are the longest: up to 2,048 characters. */
const typed = z.string().max(2_100, "This is too long to be right.");

const formInput = {
	platform: z.string(),
	address: typed.default(""),
	/** By the names of the form's fields. */
	fields: z.record(z.string().max(60), typed).default({}),
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

/** What comes along when text is copied: spaces, line breaks, quotation marks, invisible characters. */
export const cleanPaste = (text: string): string =>
	text.replace(/[\s\u200B-\u200D\u2060\uFEFF]/g, "").replace(/^["'“”„‘’`<]+|["'“”‘’`>]+$/g, "");

/** A mistake that the platform's form knows is the person's to mend. */
export function orUnacceptable<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof PasteProblem) throw new Unacceptable(error.message, error.code);
		throw error;
	}
}
