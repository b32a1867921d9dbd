/** Reads what the conformance suite reports, as a table of platform × check. */
import { allChecks, checksByArea } from "@/lib/channels/testing/checks";

export type Verdict =
	| { verdict: "passed" }
	/** The platform is unable to, and why. */
	| { verdict: "unable"; reason: string }
	| { verdict: "failed"; reason: string };

/** By check. */
export type Column = { platform: string; verdicts: ReadonlyMap<string, Verdict> };

type VitestReport = {
	testResults: {
		name: string;
		message?: string;
		assertionResults: {
			title: string;
			status: string;
			failureMessages?: string[] | null;
			meta?: { unable?: string };
		}[];
	}[];
};

/** A check that nobody ran has failed, and so has each of a platform without a suite. */
export function readColumns(report: unknown, platforms: readonly string[]): Column[] {
	const { testResults } = report as VitestReport;
	return platforms.map((platform) => {
		const file = suiteOf(platform);
		const ran = testResults.find(({ name }) => name.replaceAll("\\", "/").endsWith(`/${file}`));
		const results = new Map(ran?.assertionResults.map((result) => [result.title, result]));
		const notRun = ran ? ran.message?.split("\n")[0] || "it did not run" : `there is no ${file}`;
		return {
			platform,
			verdicts: new Map(
				allChecks.map((check): [string, Verdict] => {
					const result = results.get(check);
					if (result?.status === "passed") return [check, { verdict: "passed" }];
					if (result?.meta?.unable && result.status !== "failed")
						return [check, { verdict: "unable", reason: result.meta.unable }];
					return [check, { verdict: "failed", reason: result?.failureMessages?.[0]?.split("\n")[0] ?? notRun }];
				}),
			),
		};
	});
}

export const suiteOf = (platform: string) => `lib/channels/${platform}/conformance.db.test.ts`;

/** Checks down, platforms across; what is not a ✓ is explained below. The last line is the sum. */
export function tableLines(columns: readonly Column[]): string[] {
	const width = Math.max(...allChecks.map((check) => check.length)) + 2;
	const columnWidths = columns.map(({ platform }) => Math.max(platform.length, 5) + 2);
	const row = (name: string, cells: readonly string[]) =>
		`${name.padEnd(width)}  ${cells.map((cell, n) => cell.padEnd(columnWidths[n] ?? 0)).join("")}`.trimEnd();
	const notes: string[] = [];
	const cellOf = (column: Column, check: string): string => {
		const verdict = column.verdicts.get(check);
		if (!verdict || verdict.verdict === "passed") return "✓";
		const note = `${column.platform}: ${verdict.reason}`;
		const known = notes.indexOf(note);
		const number = known < 0 ? notes.push(note) : known + 1;
		return `${verdict.verdict === "unable" ? "–" : "✗"} ${number}`;
	};
	const rows = Object.entries(checksByArea).flatMap(([area, checks]) => [
		"",
		row(
			area,
			columns.map(({ platform }) => platform),
		),
		...checks.map((check) =>
			row(
				`  ${check}`,
				columns.map((column) => cellOf(column, check)),
			),
		),
	]);
	return [...rows, "", ...notes.map((note, n) => `${String(n + 1).padStart(3)}  ${note}`), "", sumLine(columns)];
}

export const isConforming = (columns: readonly Column[]): boolean =>
	columns.every((column) => count(column, "failed") === 0);

const count = ({ verdicts }: Column, wanted: Verdict["verdict"]) =>
	[...verdicts.values()].filter(({ verdict }) => verdict === wanted).length;

function sumLine(columns: readonly Column[]): string {
	const sum = (wanted: Verdict["verdict"]) => columns.reduce((total, column) => total + count(column, wanted), 0);
	const short = columns.filter((column) => count(column, "failed") > 0).map(({ platform }) => platform);
	const platforms = columns.length === 1 ? "1 platform" : `${columns.length} platforms`;
	const verdict = short.length === 0 ? "conformance holds" : `conformance falls short on ${short.join(", ")}`;
	return `${verdict}: ${sum("passed")} passed, ${sum("unable")} not possible there, ${sum("failed")} failed of ${columns.length * allChecks.length} checks on ${platforms}`;
}
