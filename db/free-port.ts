import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections: one that is free stays so, also over a restart. */
const range = { from: 15_000, to: 32_000 };
const tries = 50;

/** A TCP port that nobody listens on now. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
	for (let n = 0; n < tries; n++) {
		const port = randomInt(range.from, range.to);
		if (await isFree(port, host)) return port;
	}
	throw new Error(`none of ${tries} ports between ${range.from} and ${range.to} is free`);
}

const isFree = (port: number, host: string): Promise<boolean> =>
	new Promise((resolve) => {
		const probe = createServer();
		probe.once("error", () => resolve(false));
		probe.listen(port, host, () => probe.close(() => resolve(true)));
	});
