/** One database, one or more executors on it, and what the functions said. */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type postgres from "postgres";
import { testDatabase } from "@/db/testing";
import { createEngine, type Engine, inProcessTransport, type Settings, type Transport } from "..";
import { type ConformanceApp, createConformanceApp, type Observe } from "./app";

export const testKeys = {
	signingKey: `signkey-test-${"0123456789abcdef".repeat(4)}`,
	eventKey: "test-event-key",
};

/** Quick, and otherwise the real thing. */
export const quickSettings: Partial<Settings> = {
	leaseMs: 5_000,
	pollMs: 200,
	sweepMs: 500,
	backoffMs: [100],
	backoffJitterMs: 0,
	graceMs: 2_000,
};

export type Observation = { what: string; data: unknown; at: number };

export type Harness = Awaited<ReturnType<typeof openHarness>>;

export async function openHarness() {
	const database = await testDatabase();
	await prepareObservations(database.ownerClient);
	const observe = observer(database.ownerClient);
	const engines: Engine[] = [];

	const seen = async (tag: string): Promise<Observation[]> => [
		...(await database.ownerClient<Observation[]>`
			select what, data, (extract(epoch from at) * 1000)::float8 as at from observations where tag = ${tag} order by seq`),
	];
	return {
		database,
		observe,
		seen,
		/** An executor of its own, with its own connections, as another process would have. */
		startEngine: (app: Pick<ConformanceApp, "handler">, options: EngineOverrides = {}): Engine => {
			const engine = createEngine({
				...testKeys,
				sql: options.sql ?? database.client("engine"),
				app: {
					endpoint: "http://engine.invalid/api/inngest",
					transport: options.transport ?? inProcessTransport(app.handler),
				},
				settings: { ...quickSettings, ...options.settings },
				log: options.log ?? (process.env.ENGINE_LOG ? console.log : () => {}),
			});
			engines.push(engine);
			return engine;
		},
		/** What was observed under the tag, once `holds`; fails with what there is when it never does. */
		until: async (tag: string, holds: (all: Observation[]) => boolean, ms = 20_000): Promise<Observation[]> => {
			for (const end = Date.now() + ms; ; ) {
				const all = await seen(tag);
				if (holds(all)) return all;
				if (Date.now() > end) throw new Error(`It never came to that: ${JSON.stringify(all)}`);
				await pause(25);
			}
		},
		/** Once nothing that mentions the tag is unfinished or gathering. */
		untilQuiet: async (tag: string, ms = 20_000): Promise<Observation[]> => {
			const like = `%${tag}%`;
			for (const end = Date.now() + ms; ; ) {
				const [row] = await database.ownerClient<{ open: number }[]>`
					select (
						(select count(*) from engine.runs where finished_at is null and events::text like ${like})
						+ (select count(*) from engine.waits where array_to_string(events, ',') like ${like})
					)::int as open`;
				if (row?.open === 0) return seen(tag);
				if (Date.now() > end) throw new Error(`${row?.open} runs or gatherings of ${tag} are still open.`);
				await pause(25);
			}
		},
		close: async () => {
			await Promise.all(engines.map((engine) => engine.stop()));
			await database.close();
		},
	};
}

type EngineOverrides = {
	sql?: postgres.Sql;
	transport?: Transport;
	settings?: Partial<Settings>;
	log?: (message: string) => void;
};

export const newTag = () => `t${randomBytes(6).toString("hex")}`;

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const whats = (all: Observation[]) => all.map(({ what }) => what);

export const times = (all: Observation[], what: string) => all.filter((one) => one.what === what).length;

export async function prepareObservations(sql: postgres.Sql): Promise<void> {
	await sql`
		create table if not exists observations (
			seq bigint generated always as identity primary key,
			tag text not null, what text not null, data json, at timestamptz not null default clock_timestamp()
		)`;
	await sql`create index if not exists observations_tag on observations (tag, seq)`;
}

export const observer =
	(sql: postgres.Sql): Observe =>
	async (tag, what, data = null) => {
		await sql`
			insert into observations (tag, what, data) values (${tag}, ${what}, ${JSON.stringify(data)}::text::json)`;
	};

/** The app in this process, its client bound to whichever executor is the current one. */
export function embeddedApp(
	harness: Pick<Harness, "observe">,
	more: Partial<Parameters<typeof createConformanceApp>[0]> = {},
) {
	let engine: Pick<Engine, "fetch"> | undefined;
	const app = createConformanceApp({
		observe: harness.observe,
		embedded: {
			...testKeys,
			fetch: (input, init) => (engine ? engine.fetch(input as string, init) : Promise.reject(new Error("No engine."))),
		},
		...more,
	});
	return {
		...app,
		use: (next: Pick<Engine, "fetch">) => {
			engine = next;
		},
	};
}

/** Serves the app over HTTP, for transports and for servers that call it. */
export async function serveApp(
	app: Pick<ConformanceApp, "handler">,
	port = 0,
): Promise<{ origin: string; server: Server }> {
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const hasBody = request.method !== "GET" && request.method !== "HEAD";
		const answer = await app.handler(
			new Request(`http://${request.headers.host}${request.url}`, {
				method: request.method ?? "GET",
				headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
					typeof value === "string" ? [[name, value]] : [],
				),
				body: hasBody ? Buffer.concat(chunks) : null,
			}),
		);
		response.writeHead(answer.status, Object.fromEntries(answer.headers));
		response.end(await answer.text());
	});
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	const { port: bound } = server.address() as { port: number };
	return { origin: `http://127.0.0.1:${bound}`, server };
}
