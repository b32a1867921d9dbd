/** Where to listen. */
import { createServer } from "node:net";
import { LaunchError } from "./command";

/** Asked-for ports are kept or refused; the usual one gives way to the next free one. */
export async function choosePort(
	source: Record<string, string | undefined>,
	wanted: number,
	host: string | undefined,
	isFree: (port: number, host: string | undefined) => Promise<boolean> = canListen,
): Promise<number> {
	if (await isFree(wanted, host)) return wanted;
	if (source.PORT)
		throw new LaunchError(
			`Port ${wanted} is taken by another program; stop that one, or set PORT to a port that is free.`,
		);
	for (let port = wanted + 1; port <= wanted + 100; port++) if (await isFree(port, host)) return port;
	throw new LaunchError(`Ports ${wanted} to ${wanted + 100} are all taken; set PORT to a port that is free.`);
}

const canListen = (port: number, host: string | undefined): Promise<boolean> =>
	new Promise((resolve) => {
		const probe = createServer();
		probe.once("error", () => resolve(false));
		probe.listen(port, host, () => probe.close(() => resolve(true)));
	});
