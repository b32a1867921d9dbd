/** A durable server for proofs of durability: the embedded one as an installation runs it, nothing switched off. */
import path from "node:path";
import postgres from "postgres";
import { startEmbedded } from "@/db/embedded";
import { stateDir } from "@/lib/env";
import type { Databases } from "./shop";

export type ProofDatabases = Databases & {
	/** A name of this run's own. */
	name(what: string): string;
	/** What the server says of its own durability. */
	durability: string;
	close(): Promise<void>;
};

const prefix = "p5_";
/** No run lasts so long. */
const leftAfterMs = 6 * 3_600_000;

export async function openDatabases(): Promise<ProofDatabases> {
	const server = await startEmbedded({
		dir: path.join(stateDir(), "proof-postgres"),
		// A pool for each role in each app, and those of the killed ones until the server notices.
		settings: { max_connections: 900 },
	});
	const admin = postgres(server.url("postgres"), { max: 1, onnotice: () => {} });
	await dropLeftovers(admin);
	const run = `${prefix}${Date.now().toString(36)}`;
	const made: string[] = [];
	const [says] = await admin<{ fsync: string; commit: string; pages: string }[]>`
		select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages`;
	return {
		url: server.url,
		name: (what) => `${run}_${what}`,
		durability: `fsync ${says?.fsync}, synchronous_commit ${says?.commit}, full_page_writes ${says?.pages}`,
		async create(name, template) {
			made.push(name);
			// A template must be nobody's, and the connection that tells browsers of news stays open.
			if (template) await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${template}`;
			await admin`create database ${admin(name)} ${template ? admin`template ${admin(template)}` : admin``}`;
		},
		async close() {
			for (const name of made) await admin`drop database if exists ${admin(name)} with (force)`;
			await admin.end();
			await server.stop();
		},
	};
}

/** Of runs that were interrupted, told by the time in their names. */
async function dropLeftovers(admin: postgres.Sql): Promise<void> {
	const names = await admin<{ name: string }[]>`
		select datname as name from pg_database where starts_with(datname, ${prefix})`;
	for (const { name } of names) {
		const madeAt = Number.parseInt(name.slice(prefix.length), 36);
		if (!(madeAt > Date.now() - leftAfterMs)) await admin`drop database if exists ${admin(name)} with (force)`;
	}
}
