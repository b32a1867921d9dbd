/** A store that answers as a sandbox does, but for what a test makes of some of its answers. */
import { parse, stringify } from "lossless-json";
import type { Connection } from "../channel-adapter";

/** `change`: the whole answer to calls whose path ends so. Numbers keep their digits, and are objects of their own. */
export function altering<Body>(
	connection: Connection,
	path: string,
	change: (body: Body, url: URL) => unknown,
): Connection {
	const { http } = connection;
	const send: typeof http.send = async (request) => {
		const reply = await http.send(request);
		const url = new URL(request.url);
		if (!url.pathname.endsWith(path)) return reply;
		return { ...reply, text: stringify(change(parse(reply.text) as Body, url)) ?? "" };
	};
	return { ...connection, http: { ...http, send } };
}
