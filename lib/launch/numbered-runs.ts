/**
 * Proofs and benches: modules found by their number, each in a process of its own when several are asked for, the
 * verdict in the last line and in the exit status.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { LaunchError } from "./command";

export type RunRequest = { ids: string[]; isAll: boolean; full: boolean; seed: number /** A file. */; story?: string };
export type Verdict = { holds: boolean; line: string };

/** `P1 p3 --full --seed 7`, or `all`; `P4 --story FILE`. */
export function readRequest(args: string[]): RunRequest {
	const request: RunRequest = { ids: [], isAll: false, full: false, seed: 1 };
	for (let i = 0; i < args.length; i++) {
		const word = args[i] ?? "";
		const seed = /^--seed(?:=(.*))?$/.exec(word);
		if (word === "--full") request.full = true;
		else if (word === "all") request.isAll = true;
		else if (seed) {
			const text = seed[1] ?? args[++i] ?? "";
			request.seed = Number(text);
			if (!/^\d+$/.test(text)) throw new LaunchError(`The seed is "${text}"; give a whole number: --seed 7.`);
		} else if (word === "--story") {
			request.story = args[++i];
			if (!request.story) throw new LaunchError("Say which story: --story FILE.");
		} else if (/^p?\d+$/i.test(word)) request.ids.push(`P${Number(word.replace(/\D/g, ""))}`);
		else if (/^[a-z]+$/.test(word)) request.ids.push(word);
		else
			throw new LaunchError(`"${word}" is not understood; give numbers such as P1 P3, or all, and --full or --seed 7.`);
	}
	return request;
}

/** `p5.ts` or `p5-nothing-is-lost.ts` → P5, in the order of their numbers; then `strategies-table.ts` → strategies. */
export function findRuns(dir: string): Map<string, string> {
	const files = existsSync(dir) ? readdirSync(dir) : [];
	const found = files.flatMap((file) => {
		const number = /^p0*(\d+)(?:-[a-z0-9-]+)?\.ts$/.exec(file)?.[1];
		return number ? [{ number: Number(number), file }] : [];
	});
	const tables = files.flatMap((file) => {
		const name = /^([a-z]+)-table\.ts$/.exec(file)?.[1];
		return name ? [[name, path.join(dir, file)] as const] : [];
	});
	return new Map([
		...found
			.sort((a, b) => a.number - b.number)
			.map(({ number, file }) => [`P${number}`, path.join(dir, file)] as const),
		...tables,
	]);
}

/** Runs what was asked for; the number to exit with. */
export async function runNumbered(options: {
	command: "proof" | "bench";
	dir: string;
	args: string[];
	/** Runs one module here and says how it went. */
	run: (module: Record<string, unknown>, request: RunRequest) => Promise<Verdict>;
}): Promise<number> {
	const { command, dir, args, run } = options;
	const request = readRequest(args);
	const runs = findRuns(dir);
	const known = [...runs.keys()];
	const ids = request.isAll ? known : request.ids;
	const unknown = ids.filter((id) => !runs.has(id));
	if (ids.length === 0 || unknown.length > 0)
		throw new LaunchError(
			`${unknown.length > 0 ? `There is no ${command} ${unknown.join(", ")}.` : `Say which ${command} to run.`} There are: ${known.join(" ")} (or all).`,
		);

	if (request.story && (command !== "proof" || ids.length !== 1))
		throw new LaunchError("A story belongs to one proof: npm run proof -- P4 --story FILE.");

	const [only] = ids;
	if (only && ids.length === 1) {
		console.log(`${only}, seed ${request.seed}${request.full ? ", full" : ""}`);
		const module = (await import(pathToFileURL(runs.get(only) ?? "").href)) as Record<string, unknown>;
		const { holds, line } = await run(module, request);
		console.log(line);
		return holds ? 0 : 1;
	}

	const verdicts: { id: string; holds: boolean; line: string; seconds: number }[] = [];
	for (const id of ids) verdicts.push({ id, ...(await runApart(command, id, request)) });
	const failed = verdicts.filter((verdict) => !verdict.holds);
	console.log("");
	for (const { id, holds, line, seconds } of verdicts)
		console.log(`${id.padEnd(4)} ${holds ? "holds" : "FALLS SHORT"} ${`${seconds.toFixed(0)} s`.padStart(6)}  ${line}`);
	console.log("");
	console.log(
		failed.length === 0
			? `${verdicts.length} of ${verdicts.length} hold`
			: `${verdicts.length - failed.length} of ${verdicts.length} hold; short: ${failed.map(({ id }) => id).join(" ")}`,
	);
	return failed.length === 0 ? 0 : 1;
}

const verdictLines = (said: string, id: string) =>
	said
		.split("\n")
		.filter((line) => line.startsWith(`${id} `))
		.map((line) => line.slice(id.length + 1))
		.join("; ");

/** In its own process: no run inherits another's pools, timers or heap. */
function runApart(command: string, id: string, { full, seed }: RunRequest) {
	const startedAt = performance.now();
	const bootstrap = path.join(import.meta.dirname, "bootstrap.mjs");
	const args = [bootstrap, command, id, "--seed", String(seed), ...(full ? ["--full"] : [])];
	const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
	let said = "";
	child.stdout.on("data", (chunk: Buffer) => {
		process.stdout.write(chunk);
		said += chunk;
	});
	return new Promise<Verdict & { seconds: number }>((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (code) =>
			resolve({
				holds: code === 0,
				line: verdictLines(said, id) || "it ended without a verdict",
				seconds: (performance.now() - startedAt) / 1000,
			}),
		);
	});
}
