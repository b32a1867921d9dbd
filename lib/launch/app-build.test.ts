import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sourceHash } from "./app-build";

let root: string;
const write = (file: string, text: string) => {
	mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
	writeFileSync(path.join(root, file), text);
};
beforeEach(() => {
	root = mkdtempSync(path.join(tmpdir(), "onecount-build-"));
	write("app/page.tsx", "page");
	write("lib/stock/order.ts", "order");
	write("package-lock.json", "{}");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a build is stale when", () => {
	it.each([
		["a source changes", () => write("app/page.tsx", "other")],
		["a source is added", () => write("components/ui/button.tsx", "button")],
		["a source is removed", () => rmSync(path.join(root, "lib/stock/order.ts"))],
		[
			"a source moves",
			() => {
				rmSync(path.join(root, "app/page.tsx"));
				write("app/home/page.tsx", "page");
			},
		],
		["a package changes", () => write("package-lock.json", '{"version":"2"}')],
		["its configuration changes", () => write("next.config.mjs", "export default {}")],
	])("%s", (_, change) => {
		const before = sourceHash(root);
		change();
		expect(sourceHash(root)).not.toBe(before);
	});
});

describe("a build stays good when", () => {
	it.each([
		["a test changes", () => write("lib/stock/order.test.ts", "test")],
		["a migration is added, which the launcher applies", () => write("db/migrations/0001.sql", "sql")],
		["something beside the app changes", () => write("e2e/journeys/one.spec.ts", "journey")],
	])("%s", (_, change) => {
		const before = sourceHash(root);
		change();
		expect(sourceHash(root)).toBe(before);
	});

	it("the checkout is copied elsewhere, with other dates", () => {
		const copy = mkdtempSync(path.join(tmpdir(), "onecount-build-"));
		cpSync(root, copy, { recursive: true });
		expect(sourceHash(copy)).toBe(sourceHash(root));
		rmSync(copy, { recursive: true });
	});
});
