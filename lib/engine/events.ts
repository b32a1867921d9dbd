/** Events as they come in: checked like the server checks them. */
import { z } from "zod";
import { eventId } from "./ids";
import { type InngestEvent, limits } from "./protocol";

// biome-ignore lint/suspicious/noControlCharactersInRegex: Postgres text cannot hold it.
const nul = /\u0000/;
const storable = (max: number) =>
	z
		.string()
		.max(max)
		.refine((text) => !nul.test(text), "holds a NUL character");

const eventSchema = z.looseObject({
	name: storable(limits.eventNameLength)
		.min(1)
		.refine((name) => !name.startsWith("inngest/"), "begins with inngest/, which is reserved"),
	data: z.record(z.string(), z.unknown()).nullish(),
	id: storable(limits.eventNameLength).nullish(),
	ts: z.number().min(0).max(8.64e15).nullish(),
});

export type Received =
	| { ok: true; events: InngestEvent[]; ids: string[] }
	| { ok: false; status: 400 | 413; error: string };

export function receiveEvents(body: string, seed: string | null, nowMs: number): Received {
	let json: unknown;
	try {
		json = JSON.parse(body);
	} catch {
		return { ok: false, status: 400, error: "The body is not JSON." };
	}
	const given = Array.isArray(json) ? json : [json];
	if (given.length > limits.eventsPerRequest)
		return { ok: false, status: 413, error: `More than ${limits.eventsPerRequest} events in one request.` };
	const events: InngestEvent[] = [];
	const ids: string[] = [];
	for (const [index, one] of given.entries()) {
		const parsed = eventSchema.safeParse(one);
		if (!parsed.success)
			return { ok: false, status: 400, error: `Event ${index} cannot be taken: ${z.prettifyError(parsed.error)}` };
		if (body.length > limits.eventBytes && JSON.stringify(one).length > limits.eventBytes)
			return { ok: false, status: 413, error: `Event ${index} is larger than ${limits.eventBytes / 1024} KB.` };
		const internalId = eventId(seed, index, nowMs);
		ids.push(internalId);
		const { id, ts, data, ...rest } = parsed.data;
		events.push({ ...rest, id: id || internalId, ts: ts || nowMs, data: data ?? {} });
	}
	return { ok: true, events, ids };
}
