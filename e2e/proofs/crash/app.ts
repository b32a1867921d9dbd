/** The app as the proof sees it: a process that is started, armed and killed, and that is there again a moment later. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { startBenchApp } from "@/e2e/bench/load/bench-app";
import type { FaultPoint } from "@/lib/services/sync/fault-points";
import type { Twin } from "./twins";

export type App = {
	/** The n-th time from now that the point is reached, the process ends as by kill −9. */
	arm(point: FaultPoint, n: number): void;
	kill(): void;
	hasEnded(): boolean;
	ended: Promise<void>;
};

export type AppOptions = {
	databaseUrl: string;
	port: number;
	sealingKeys: string;
	twin?: Twin;
	/** Only for the real app, which cannot be armed later. */
	killAt?: string;
};

export type AppForm = {
	name: string;
	/** Whether it can be armed while it runs. */
	canArm: boolean;
	start(options: AppOptions): Promise<App>;
	close(): void;
};

const environment = ({ databaseUrl, port, sealingKeys, twin, killAt }: AppOptions) => ({
	PORT: String(port),
	DATABASE_URL: databaseUrl,
	ONECOUNT_DATABASE_URL: databaseUrl,
	ONECOUNT_KEYS: sealingKeys,
	// The stores live in the proof's process and outlive the app; it only has to be allowed to call them.
	ONECOUNT_SANDBOX: "off",
	ONECOUNT_ALLOW_PRIVATE_ADDRESSES: "on",
	...(twin ? { ONECOUNT_TWIN: twin } : {}),
	...(killAt ? { ONECOUNT_KILL_AT: killAt } : {}),
});

/** The pipeline in a small process, made into one file first: reading hundreds of modules takes longer than its work. */
export async function smallApp(): Promise<AppForm> {
	const dir = mkdtempSync(path.join(tmpdir(), "onecount-small-app-"));
	const file = path.join(dir, "app.mjs");
	await build({
		entryPoints: [path.join(import.meta.dirname, "app-process.ts")],
		outfile: file,
		bundle: true,
		platform: "node",
		format: "esm",
		target: "node20",
		banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
		logLevel: "error",
	});
	return {
		name: "small process",
		canArm: true,
		start: (options) => startSmall(file, dir, options),
		close: () => rmSync(dir, { recursive: true, force: true }),
	};
}

async function startSmall(file: string, dir: string, options: AppOptions): Promise<App> {
	const child = spawn(process.execPath, [file], {
		stdio: ["ignore", "inherit", "inherit", "ipc"],
		env: { ...process.env, ...environment(options), ONECOUNT_STATE_DIR: dir },
	});
	const ended = endOf(child);
	let hasEnded = false;
	void ended.then(() => {
		hasEnded = true;
	});
	// It dies whenever it likes, also under a word that is on its way to it.
	child.on("error", () => {});
	await new Promise<void>((resolve, reject) => {
		child.once("message", () => resolve());
		void ended.then(() => reject(new Error("the app ended while it started")));
	});
	return {
		arm: (point, n) => void (child.connected && child.send(`${point}:${n}`)),
		kill: () => void child.kill("SIGKILL"),
		hasEnded: () => hasEnded,
		ended,
	};
}

/** `npm start`, from a production build. */
export const realApp: AppForm = {
	name: "npm start",
	canArm: false,
	async start({ databaseUrl, port, sealingKeys, ...options }) {
		const more = environment({ databaseUrl, port, sealingKeys, ...options });
		const app = await startBenchApp({ databaseUrl, port, sealingKeys, env: more, isQuiet: true });
		let hasEnded = false;
		void app.exited.then(() => {
			hasEnded = true;
		});
		return {
			arm: () => {
				throw new Error("The real app is armed when it starts.");
			},
			kill: app.kill,
			hasEnded: () => hasEnded,
			ended: app.exited,
		};
	},
	close: () => {},
};

const endOf = (child: ChildProcess) =>
	new Promise<void>((resolve) => {
		child.once("exit", () => resolve());
	});
