/** How measurements are taken on a noisy machine: in pairs, by their ratio, with the idle share beside. */
import { cpus, loadavg } from "node:os";

export const median = (values: readonly number[]): number => {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2
		? (sorted[middle] ?? Number.NaN)
		: ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};

export const percentile = (values: readonly number[], share: number): number => {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const range = (values: readonly number[]): string =>
	`${Math.min(...values).toFixed(2)} … ${Math.max(...values).toFixed(2)}`;

type CpuTimes = { idle: number; all: number };
const times = (): CpuTimes =>
	cpus().reduce(
		(sum, { times: t }) => ({ idle: sum.idle + t.idle, all: sum.all + t.user + t.nice + t.sys + t.irq + t.idle }),
		{ idle: 0, all: 0 },
	);

/** Runs `work` and says what share of both cores was idle meanwhile. */
export async function withIdle<T>(work: () => Promise<T>): Promise<{ value: T; idleShare: number }> {
	const before = times();
	const value = await work();
	const after = times();
	return { value, idleShare: (after.idle - before.idle) / Math.max(1, after.all - before.all) };
}

export type Pair = { ours: number; anchor: number; ratio: number; isVoid: boolean };

/** One run: its load is made before the clock starts, and what came of it is checked after it has stopped. */
export type Run = { measure(): Promise<number>; check?(): Promise<void> };

const mostIdleDifference = 0.15;

/**
 * A B A B: which goes first alternates. A pair in which either side had more than 15 points more or less of the machine
 * than that side mostly has is void: somebody else was at work. (That one side by itself leaves more idle than the other
 * is no noise but a finding.)
 */
export async function pairs(count: number, ours: () => Promise<Run>, anchor: () => Promise<number>): Promise<Pair[]> {
	const found: { ours: Measured; anchor: Measured }[] = [];
	for (let n = 0; n < count; n++) {
		const run = await ours();
		const isOursFirst = n % 2 === 0;
		const first = await withIdle(isOursFirst ? run.measure : anchor);
		const second = await withIdle(isOursFirst ? anchor : run.measure);
		await run.check?.();
		const pair = isOursFirst ? { ours: first, anchor: second } : { ours: second, anchor: first };
		found.push(pair);
		console.log(
			`  pair ${n + 1}: ours ${described(pair.ours)}; anchor ${described(pair.anchor)}; ratio ${(pair.ours.value / pair.anchor.value).toFixed(2)}, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
		);
	}
	const usual = (side: "ours" | "anchor") => median(found.map((pair) => pair[side].idleShare));
	const idle = { ours: usual("ours"), anchor: usual("anchor") };
	return found.map((pair) => ({
		ours: pair.ours.value,
		anchor: pair.anchor.value,
		ratio: pair.ours.value / pair.anchor.value,
		isVoid: (["ours", "anchor"] as const).some(
			(side) => Math.abs(pair[side].idleShare - idle[side]) > mostIdleDifference,
		),
	}));
}

type Measured = { value: number; idleShare: number };

/** With the CPU time of the whole machine for each, load generator included. */
const described = ({ value, idleShare }: Measured) =>
	`${value.toFixed(0)}/s (idle ${(100 * idleShare).toFixed(0)} %, ${(((1 - idleShare) * cpus().length * 1e6) / value).toFixed(0)} µs of CPU each)`;
