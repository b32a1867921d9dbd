import { createServer } from "node:net";

/** A TCP port that nobody listens on now. */
export const freePort = (host = "127.0.0.1"): Promise<number> =>
	new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once("error", reject);
		probe.listen(0, host, () => {
			const { port } = probe.address() as { port: number };
			probe.close(() => resolve(port));
		});
	});
