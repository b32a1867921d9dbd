/** The table of adapters, from their facts and their files: Markdown that a terminal can show. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { PlatformFacts, SignalCoverage } from "@/lib/channels/platform-facts";
import { adapterFor, connectablePlatforms } from "@/lib/channels/registry";
import { countOf, formatNumber } from "@/lib/format/number";

export type AdapterRow = {
	facts: PlatformFacts;
	/** Of its folder, without tests and what they need. */
	files: { name: string; lines: number }[];
};

export const readAdapters = (): Promise<AdapterRow[]> =>
	Promise.all(
		connectablePlatforms.map(async (platform) => ({
			facts: (await adapterFor(platform)).facts,
			files: readFiles(path.resolve("lib/channels", platform)),
		})),
	);

function readFiles(folder: string): AdapterRow["files"] {
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"));
	return names
		.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("testing/"))
		.sort()
		.map((name) => ({ name, lines: readFileSync(path.join(folder, name), "utf8").split("\n").length - 1 }));
}

/** One line for each adapter, as it stands in README.md: lines in hundreds, so that not every commit changes it. */
export function overview(rows: readonly AdapterRow[]): string[] {
	const head = [
		"platform",
		"lines, about",
		"files",
		"write mode",
		"largest batch",
		"told of orders by",
		"told of levels by",
		"budget rule",
	];
	const cells = rows.map(({ facts, files }) => [
		facts.label,
		formatNumber(Math.round(linesIn(files) / 100) * 100),
		formatNumber(files.length),
		facts.writeMode,
		formatNumber(facts.largestBatch),
		told(facts.coverage.orders),
		told(facts.coverage.levels),
		// The first sentence.
		facts.budgetRule.replace(/\.(\s.*)?$/s, ""),
	]);
	return table(head, cells);
}

/** `readme` with its own copy of the table as `lines`. Throws where it has none. */
export function withOverview(readme: string, lines: readonly string[]): string {
	const standing = /^\| platform +\| lines\b.*\n(?:\|.*\n)+/m;
	if (!standing.test(readme)) throw new Error("README.md has no table of adapters.");
	return readme.replace(standing, () => `${lines.join("\n")}\n`);
}

/** What the overview leaves out: each fact with its source, and the lines of each file. */
export function details(rows: readonly AdapterRow[]): string[] {
	const files = rows.flatMap((row) => row.files);
	const sum = `${countOf(rows.length, "adapter")}: ${countOf(linesIn(files), "line")} in ${countOf(files.length, "file")}`;
	return [...rows.flatMap(section), "", sum];
}

function section({ facts, files }: AdapterRow): string[] {
	const { coverage, sources } = facts;
	const signal = (name: string, signal: SignalCoverage) =>
		item(name, `${told(signal)}. ${signal.words}`, signal.source);
	return [
		"",
		`## ${facts.label}`,
		"",
		...wrapped("", `By ${sources.basis}.`),
		"",
		...item("Write mode", facts.writeMode, sources.writeMode),
		...item("Largest batch", countOf(facts.largestBatch, "row"), sources.largestBatch),
		...signal("Orders", coverage.orders),
		...signal("Levels", coverage.levels),
		...signal("Listings", coverage.listings),
		...item("Budget rule", facts.budgetRule, sources.budgetRule),
		"",
		...table(
			["file", "lines"],
			[
				...files.map(({ name, lines }) => [name, formatNumber(lines)]),
				[`all ${files.length}`, formatNumber(linesIn(files))],
			],
		),
	];
}

const linesIn = (files: AdapterRow["files"]) => files.reduce((sum, { lines }) => sum + lines, 0);

/** "all webhooks, some stamps": of the changes there, those that each tells of. */
function told(coverage: SignalCoverage): string {
	const signals = (["webhooks", "stamps"] as const).filter((signal) => coverage[signal] !== "none");
	return signals.map((signal) => `${coverage[signal]} ${signal}`).join(", ") || "nothing";
}

const item = (name: string, fact: string, source: string): string[] => [
	...wrapped("- ", `${name}: ${fact}`),
	...wrapped("  - ", `Source: ${source}`),
];

const width = 100;

/** In lines of at most `width` characters, the following ones as far in as the first one's text. */
function wrapped(bullet: string, text: string): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(" ")) {
		const isFull = line !== "" && bullet.length + line.length + 1 + word.length > width;
		if (isFull) lines.push(line);
		line = isFull || line === "" ? word : `${line} ${word}`;
	}
	return [...lines, line].map((text, n) => (n === 0 ? bullet : " ".repeat(bullet.length)) + text);
}

/** In columns, but for the last one, whose cells may be long. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
	const all = [head, head.map(() => "---"), ...rows];
	const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
	const last = head.length - 1;
	return all.map((row) => `| ${row.map((cell, n) => (n === last ? cell : cell.padEnd(widths[n] ?? 0))).join(" | ")} |`);
}
