/** A claim with the run that proves it, and with a naive twin that fails it in the same harness. */
export type ProofOptions = {
	/** The whole counts; else the share that fits into ten minutes on two cores. */
	full: boolean;
	/** The same seed gives the same run. */
	seed: number;
};

export type ProofResult = {
	holds: boolean;
	/** Figures, without the number and without "holds": `0 lost, 0 doubled of 1,200 kills (full)`. */
	verdict: string;
};

export type Proof = {
	/** `P5`, or the name of a table. */
	id: `P${number}` | "strategies";
	claim: string;
	run(options: ProofOptions): Promise<ProofResult>;
	/** Plays again what a failing seed was cut down to: the contents of a story's file. */
	replay?(story: unknown): ProofResult;
};
