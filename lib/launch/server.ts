/** One HTTP server, process and port for everything: the front door, and Next behind it. */
import { createServer, type Server as HttpServer } from "node:http";
import next from "next";
import { env } from "@/lib/env";
import { LaunchError } from "./command";
import { frontDoor, usualDoors } from "./front-door";

export type Server = {
	/** Resolves when pages can be answered, and what works beside them has started. */
	ready: Promise<void>;
	/** Takes nothing new, lets what is under way finish for a moment, then hangs up. */
	close: () => Promise<void>;
};

/** What is under way when the server closes has this long; live streams never end by themselves. */
const farewellMs = 2_000;

/**
 * Listens first and prepares Next then: what starts beside the pages calls this port, and early callers wait instead of
 * being refused.
 */
export async function startServer(options: { isDev: boolean; port: number; host?: string }): Promise<Server> {
	const { isDev, port, host } = options;
	const server = createServer(
		frontDoor(
			usualDoors((incoming, outgoing) => {
				void pages.then((answer) => answer(incoming, outgoing)).catch(() => outgoing.destroy());
			}, env().sandbox),
		),
	);
	server.keepAliveTimeout = 65_000;
	server.requestTimeout = 60_000;
	await listen(server, port, host);

	const app = next({
		dev: isDev,
		dir: process.cwd(),
		hostname: host ?? "localhost",
		port,
		httpServer: server,
		quiet: true,
	});
	const pages = app.prepare().then(() => app.getRequestHandler());

	return {
		ready: pages.then(() => {}),
		close: async () => {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeIdleConnections();
			const hangUp = setTimeout(() => server.closeAllConnections(), farewellMs);
			await closed;
			clearTimeout(hangUp);
			await app.close();
		},
	};
}

function listen(server: HttpServer, port: number, host: string | undefined): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) =>
			reject(
				error.code === "EADDRINUSE" ? new LaunchError(`Port ${port} is taken by another program; set PORT.`) : error,
			),
		);
		server.listen(port, host, resolve);
	});
}
