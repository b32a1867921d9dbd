/** A measurement against a frozen twin: how much, under which load, how sure. */
export type BenchOptions = {
	/** The whole length; else a share that fits into ten minutes on two cores. */
	full: boolean;
	/** The same seed gives the same load. */
	seed: number;
};

export type BenchResult = {
	/** Whether every figure reaches what it has to. */
	holds: boolean;
	/** A line per figure, without the number: `ingest ÷ pgbench: 0.81 (0.78 … 0.84), 5 pairs`. */
	figures: string[];
};

export type Bench = {
	/** `P16` */
	id: `P${number}`;
	claim: string;
	run(options: BenchOptions): Promise<BenchResult>;
};
