/** A failing seed, told: cut down to a few steps, printed, and kept in a file from which it is played again. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { stateDir } from "@/lib/env";
import type { Contender, Figures } from "@/lib/simulation/run";
import type { ProofResult } from "../proof";
import { scriptSchema, stepsOf } from "./script";
import { shrink } from "./shrink";
import { tell } from "./tell";

const storySchema = z.object({ contender: z.string(), seed: z.int(), script: scriptSchema });
export type Story = z.infer<typeof storySchema>;

/** The proof that a story is of: who can be in it, and what must not happen to them. */
export type Stage = {
	id: `P${number}`;
	contenders: Readonly<Record<string, Contender>>;
	isWrong: (figures: Figures) => boolean;
	/** `2 sold that did not exist` */
	outcome: (figures: Figures) => string;
};

/** Its name where stores take their open orders off by themselves, so that stories of the same seed are told apart. */
export const overName = (contender: string): string => `${contender} over reservations`;

/** Each under its own name, and under that which it has over reservations. */
export const alsoOver = (contenders: Stage["contenders"]): Stage["contenders"] => ({
	...contenders,
	...Object.fromEntries(Object.entries(contenders).map(([name, contender]) => [overName(name), contender])),
});

/** Of a few failures, as they were drawn, the one with the fewest steps, cut down. */
export function shortest(stage: Stage, failures: readonly Story[]): Story | null {
	const stories = failures.map((failure): Story => {
		const contender = contenderOf(stage, failure.contender);
		return { ...failure, script: shrink(failure.script, contender, stage.isWrong).script };
	});
	return stories.sort((a, b) => stepsOf(a.script) - stepsOf(b.script))[0] ?? null;
}

export function print(stage: Stage, story: Story): void {
	const name = `${stage.id} ${story.contender} seed ${story.seed}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
	const dir = path.join(stateDir(), "stories");
	const file = path.join(dir, `${name}.json`);
	mkdirSync(dir, { recursive: true });
	writeFileSync(file, `${JSON.stringify(story, null, "\t")}\n`);
	console.log(`  ${story.contender}, seed ${story.seed}, in ${stepsOf(story.script)} steps:`);
	const { sentences, figures } = tell(story.script, contenderOf(stage, story.contender));
	for (const sentence of sentences) console.log(`  ${sentence}`);
	console.log(`  → ${stage.outcome(figures)}; again: npm run proof -- ${stage.id} --story ${path.relative(".", file)}`);
}

/** Plays a story from its file. Throws with what is wrong in it. */
export function replay(stage: Stage, text: unknown): ProofResult {
	const parsed = storySchema.safeParse(text);
	if (!parsed.success) throw new Error(`This is not a story: ${z.prettifyError(parsed.error)}`);
	const { contender, seed, script } = parsed.data;
	const { sentences, figures } = tell(script, contenderOf(stage, contender));
	for (const sentence of sentences) console.log(sentence);
	return {
		holds: !stage.isWrong(figures),
		verdict: `${stage.outcome(figures)} in the story of seed ${seed} with ${contender}`,
	};
}

function contenderOf({ id, contenders }: Stage, name: string): Contender {
	const contender = contenders[name];
	if (!contender) throw new Error(`${id} knows no "${name}"; it knows ${Object.keys(contenders).join(", ")}.`);
	return contender;
}
