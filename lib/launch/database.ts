/** The database of this installation: the one that the environment names, or the embedded server. */
import path from "node:path";
import { ensureDatabase, startEmbedded } from "@/db/embedded";
import { migrateDatabase } from "@/db/migrate";
import { env, stateDir } from "@/lib/env";
import { LaunchError } from "./command";

export type OpenDatabase = {
	url: string;
	isEmbedded: boolean;
	close: () => Promise<void>;
};

/** Opens it without changing it. */
export async function openDatabase(): Promise<OpenDatabase> {
	const url = env().databaseUrl;
	if (url) return { url, isEmbedded: false, close: async () => {} };
	const server = await startEmbedded({ dir: path.join(stateDir(), "postgres") });
	await ensureDatabase(server, "onecount");
	return { url: server.url("onecount"), isEmbedded: true, close: server.stop };
}

/** Opens it, brings it up to date, and makes it this process's default. */
export async function prepareDatabase(): Promise<OpenDatabase> {
	const database = await openDatabase();
	try {
		await migrateDatabase(database.url);
	} catch (error) {
		await database.close();
		throw database.isEmbedded ? error : unreachable(error);
	}
	process.env.ONECOUNT_DATABASE_URL = database.url;
	return database;
}

/** The driver's codes for "not there" and "not let in"; anything else is not the address's fault. */
function unreachable(error: unknown): unknown {
	const { code, message } = error as { code?: string; message?: string };
	const isAddress = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|CONNECT|28|3D000)/.test(code ?? "");
	return isAddress
		? new LaunchError(
				`The database that DATABASE_URL names cannot be used (${message}); check the address, or unset it to use the embedded server.`,
			)
		: error;
}
