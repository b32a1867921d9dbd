/** `npm run bench -- P16 [--full] [--seed N]`, or `-- all`. */
import path from "node:path";
import type { Bench } from "@/e2e/bench/bench";
import { ensureBuild } from "./app-build";
import { runCommand } from "./command";
import { runNumbered } from "./numbered-runs";

await runCommand(() =>
	runNumbered({
		command: "bench",
		dir: path.resolve("e2e/bench"),
		args: process.argv.slice(2),
		run: async (module, { full, seed }) => {
			// What is measured is the app as deployed.
			await ensureBuild();
			const bench = module.bench as Bench;
			console.log(bench.claim);
			const { holds, figures } = await bench.run({ full, seed });
			return { holds, line: figures.map((figure) => `${bench.id} ${figure}`).join("\n") };
		},
	}),
);
