/** `npm run proof -- P1 P3 [--full] [--seed N]`, or `-- all`. */
import path from "node:path";
import type { Proof } from "@/e2e/proofs/proof";
import { runCommand } from "./command";
import { runNumbered } from "./numbered-runs";

await runCommand(() =>
	runNumbered({
		command: "proof",
		dir: path.resolve("e2e/proofs"),
		args: process.argv.slice(2),
		run: async (module, { full, seed }) => {
			const proof = module.proof as Proof;
			console.log(proof.claim);
			const { holds, verdict } = await proof.run({ full, seed });
			return { holds, line: `${proof.id} ${holds ? "holds" : "falls short"}: ${verdict}` };
		},
	}),
);
