/**
 * What a shop with WooCommerce 10.5.0 (WordPress 6.9.7, zone Europe/Berlin) answered in autumn 2026, each exchange as it
 * went over the wire but for hosts, keys and headers that say nothing.
 */
import { readFileSync } from "node:fs";
import path from "node:path";

export type Exchanged = {
	request: {
		method: "GET" | "POST" | "PUT" | "DELETE";
		url: string;
		path?: string;
		/** Consumer key and secret by Basic; null: none, or in the address. */
		auth?: string | null;
		headers?: Record<string, string>;
		/** Text where the recorded body is to be sent as it stands. */
		body?: unknown;
	};
	response: { status: number; headers: Record<string, string>; body: unknown };
};

const all = JSON.parse(readFileSync(path.join(import.meta.dirname, "recorded.json"), "utf8")) as Record<
	string,
	Exchanged
>;

export const recordedNames = Object.keys(all);

export function recorded(name: string): Exchanged {
	const exchange = all[name];
	if (!exchange) throw new Error(`nothing recorded under ${name}`);
	return exchange;
}

/** The recorded reply as our HTTP client would hand it over. */
export function recordedReply(name: string) {
	const { status, headers, body } = recorded(name).response;
	return {
		status,
		headers: Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value])),
		text: typeof body === "string" ? body : JSON.stringify(body),
		ms: 1,
	};
}
