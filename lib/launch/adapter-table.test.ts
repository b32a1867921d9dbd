import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { connectablePlatforms } from "@/lib/channels/registry";
import { platformLabel } from "@/lib/format/platforms";
import { details, overview, readAdapters, withOverview } from "./adapter-table";

const rows = await readAdapters();

test("every platform of the registry has a row and a section", () => {
	const labels = connectablePlatforms.map(platformLabel);
	expect(
		overview(rows)
			.slice(2)
			.map((line) => line.split("|")[1]?.trim()),
	).toEqual(labels);
	expect(details(rows).filter((line) => line.startsWith("## "))).toEqual(labels.map((label) => `## ${label}`));
});

test("every fact that is shown says where it is from", () => {
	for (const { facts } of rows) {
		const { sources, coverage } = facts;
		const all = [...Object.values(sources), ...Object.values(coverage).flatMap(({ words, source }) => [words, source])];
		expect(all.filter((text) => text.trim() === "")).toEqual([]);
	}
	const shown = details(rows);
	expect(shown.filter((line) => /^ {2}- Source: \S/.test(line))).toHaveLength(rows.length * 6);
});

test("an adapter's files are counted without its tests and what they need", () => {
	const shopify = rows.find(({ facts }) => facts.platform === "shopify");
	const lines = new Map(shopify?.files.map((file) => [file.name, file.lines]));
	expect([...lines.keys()].filter((name) => /test|json|md/.test(name))).toEqual([]);
	const facts = readFileSync("lib/channels/shopify/facts.ts", "utf8");
	expect(lines.get("facts.ts")).toBe([...facts].filter((letter) => letter === "\n").length);
});

test("what is printed is Markdown: no text breaks out of its list or its table", () => {
	const printed = [...overview(rows), ...details(rows)];
	// Six facts with their sources in each section; a wrapped line must not look like one more, or like a heading.
	const begun = printed.filter((line) => /^\s*([-+*>]|#+|\d+[.)])\s/.test(line));
	expect(begun).toHaveLength(rows.length * (6 * 2 + 1));
	for (const line of printed.filter((line) => line.startsWith("|"))) expect([4, 10]).toContain(line.split("|").length);
	expect(printed.filter((line) => !line.startsWith("|") && line.length > 100)).toEqual([]);
});

test("README's table is what the command makes: npm run adapters -- --readme", () => {
	const readme = readFileSync("README.md", "utf8");
	expect(withOverview(readme, overview(rows))).toBe(readme);
});

test("a table that has gone stale is replaced and everything around it stays", () => {
	const [head = "", rule = "", ...lines] = overview(rows);
	const stale = `before\n\n${[head, rule, "| Shopify | 1 |"].join("\n")}\n\nafter\n`;
	expect(withOverview(stale, [head, rule, ...lines])).toBe(`before\n\n${[head, rule, ...lines].join("\n")}\n\nafter\n`);
	expect(() => withOverview("# nothing\n", lines)).toThrow("no table of adapters");
});
