import type { z } from "zod";
import { plainSentence } from "@/lib/format/log-line";
import { authorise, type Context } from "../context";
import type { LogLineView } from "./line";
import { readLog, readLogSchema } from "./read-log";

export const exportLogSchema = readLogSchema.pick({ filter: true, from: true, to: true });

/** More lines than a spreadsheet can hold are of no use in one. */
const mostLines = 100_000;
const pageLines = 1_000;

const columns: [string, (line: LogLineView) => string | number | null][] = [
	["at", (line) => new Date(line.at).toISOString()],
	["outcome", (line) => line.state],
	["cause", (line) => line.topic],
	["sentence", (line) => plainSentence(line.parts)],
	["detail", (line) => (line.longDetail === "—" ? "" : line.longDetail)],
	["channel", (line) => line.channel?.name ?? ""],
	["sku", (line) => line.sku?.code ?? ""],
	["order", (line) => line.orderNumber ?? line.orderRef ?? ""],
	["id", (line) => line.id],
];

/** What the filter shows as CSV, newest first, page by page: the whole is never in memory. */
export function exportLog(
	ctx: Context,
	input: z.output<typeof exportLogSchema>,
	signal?: AbortSignal,
): ReadableStream<Uint8Array> {
	authorise(ctx, "viewer");
	const encoder = new TextEncoder();
	const pages = csvPages(ctx, input);
	return new ReadableStream({
		async pull(controller) {
			const { value, done } = signal?.aborted ? { value: undefined, done: true } : await pages.next();
			if (value) controller.enqueue(encoder.encode(value));
			if (done) controller.close();
		},
	});
}

async function* csvPages(ctx: Context, input: z.output<typeof exportLogSchema>): AsyncGenerator<string, undefined> {
	// The mark makes spreadsheets read it as UTF-8.
	yield `\uFEFF${columns.map(([name]) => name).join(",")}\r\n`;
	let page = await readLog(ctx, { ...input, limit: pageLines });
	for (let written = page.lines.length; ; written += page.lines.length) {
		const rows = page.lines.map((line) => columns.map(([, read]) => cell(read(line))).join(","));
		if (rows.length > 0) yield `${rows.join("\r\n")}\r\n`;
		if (!page.next || written >= mostLines) return;
		page = await readLog(ctx, { ...input, limit: pageLines, before: page.next, horizon: page.horizon });
	}
}

/** Quoted where needed; a leading sign that a spreadsheet would take for a formula is defused. */
function cell(value: string | number | null): string {
	if (typeof value === "number") return String(value);
	const text = value ?? "";
	const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
