/** `npm run proof -- P1 P3 [--full] [--seed N]`, or `-- all`; `-- P4 --story FILE` plays a failing run again. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Proof } from "@/e2e/proofs/proof";
import { LaunchError, runCommand } from "./command";
import { runNumbered } from "./numbered-runs";

await runCommand(() =>
	runNumbered({
		command: "proof",
		dir: path.resolve("e2e/proofs"),
		args: process.argv.slice(2),
		run: async (module, { full, seed, story }) => {
			const proof = module.proof as Proof;
			console.log(proof.claim);
			const { holds, verdict } = story ? replay(proof, story) : await proof.run({ full, seed });
			return { holds, line: `${proof.id} ${holds ? "holds" : "falls short"}: ${verdict}` };
		},
	}),
);

function replay(proof: Proof, file: string) {
	if (!proof.replay) throw new LaunchError(`${proof.id} tells no stories.`);
	try {
		return proof.replay(JSON.parse(readFileSync(file, "utf8")));
	} catch (error) {
		throw new LaunchError(`The story in ${file} can't be played: ${error instanceof Error ? error.message : error}`);
	}
}
