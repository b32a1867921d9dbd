/** What the operator of this installation hears: JSON lines for a machine, or sentences for a person at a terminal. */
import pino, { type Logger } from "pino";

type Line = {
	time: number;
	msg: string;
	where?: string;
	requestId?: string;
	err?: { message: string; stack?: string };
};

/** `14:02:31 A request failed (POST /api/skus, request 5f0c): the message`, and below it where it happened. */
export function plainLine(json: string): string {
	const { time, msg, where, requestId, err } = JSON.parse(json) as Line;
	const clock = new Date(time).toTimeString().slice(0, 8);
	const about = [where, requestId && `request ${requestId}`].filter(Boolean).join(", ");
	const stack = err?.stack?.split("\n").slice(1, 4).join("\n");
	return `${clock} ${msg}${about && ` (${about})`}${err ? `: ${err.message}` : ""}${stack ? `\n${stack}` : ""}\n`;
}

let log: Logger | undefined;

/** `ONECOUNT_LOG=plain`, which the demo sets: sentences, and only of what somebody should know. */
export function serverLog(): Logger {
	log ??=
		process.env.ONECOUNT_LOG === "plain"
			? pino({ name: "http", level: "warn" }, { write: (json: string) => void process.stderr.write(plainLine(json)) })
			: pino({ name: "http" });
	return log;
}
