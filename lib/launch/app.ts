/** Brings the whole app up in this process: database, server, and a way down again in the right order. */
import { closePools } from "@/db/client";
import { env, readEnv } from "@/lib/env";
import { onStop } from "./command";
import { prepareDatabase } from "./database";
import { choosePort } from "./port";
import { startServer } from "./server";

export type RunningApp = {
	/** Where a browser on this machine finds it. */
	origin: string;
	isEmbedded: boolean;
};

export async function startApp(options: { isDev: boolean; host?: string }): Promise<RunningApp> {
	const host = process.env.HOST ?? options.host;
	const port = await choosePort(process.env, readEnv().port, host);
	// Before anything reads the environment for good: the engine calls back on this port.
	process.env.PORT = String(port);
	const database = await prepareDatabase();
	onStop(database.close);
	onStop(() => closePools());
	const server = await startServer({ isDev: options.isDev, port, host });
	// Stopped after what starts beside the pages, which is still called through it.
	onStop(server.close);
	await server.ready;
	return { origin: env().publicUrl ?? `http://localhost:${port}`, isEmbedded: database.isEmbedded };
}
