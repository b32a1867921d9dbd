/** What went over the wire, as a person reads it. Pure. */

/** Where a line of the panel ends, in characters. */
const lineWidth = 52;

/** Path and query, decoded: a mask stays a mask. What only signs the request says nothing and is left out. */
export function readablePath(url: string): string {
	if (!URL.canParse(url)) return url;
	const { pathname, searchParams } = new URL(url);
	const query = [...searchParams]
		.filter(([key]) => !key.startsWith("oauth_"))
		.map(([key, value]) => `${key}=${value}`)
		.join("&");
	return `${decoded(pathname)}${query && `?${query}`}`;
}

function decoded(path: string): string {
	try {
		return decodeURI(path);
	} catch {
		return path;
	}
}

/** JSON indented, its short parts on one line; of GraphQL the variables first. Anything else as it came. */
export function readableBody(body: string): string {
	if (!/^\s*[[{]/.test(body)) return body;
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		// It was cut where too much of it would have been kept.
		return `${indentJson(body)}\n… the rest was not kept`;
	}
	const { query, variables } = parsed as { query?: unknown; variables?: unknown };
	if (typeof query === "string")
		return [variables === undefined ? "" : indentJson(JSON.stringify(variables)), query.trim().replaceAll("\t", " ")]
			.filter(Boolean)
			.join("\n");
	return indentJson(JSON.stringify(parsed));
}

/** Works on a beginning too, which no parser takes. */
function indentJson(json: string): string {
	let text = "";
	let depth = 0;
	const newLine = () => `\n${" ".repeat(depth)}`;
	for (let at = 0; at < json.length; at++) {
		const letter = json[at] ?? "";
		if (letter === '"') {
			const end = endOfString(json, at);
			text += json.slice(at, end).replaceAll("\\/", "/");
			at = end - 1;
		} else if (letter === "{" || letter === "[") {
			const end = endOfGroup(json, at);
			if (end !== null && end - at <= lineWidth) {
				text += json.slice(at, end);
				at = end - 1;
			} else {
				depth++;
				text += letter + newLine();
			}
		} else if (letter === "}" || letter === "]") {
			depth = Math.max(0, depth - 1);
			text += newLine() + letter;
		} else if (letter === ",") text += letter + newLine();
		else if (letter === ":") text += ": ";
		else if (letter.trim() !== "") text += letter;
	}
	return text;
}

/** The place behind the string that begins at `from`. */
function endOfString(json: string, from: number): number {
	for (let at = from + 1; at < json.length; at++) {
		if (json[at] === "\\") at++;
		else if (json[at] === '"') return at + 1;
	}
	return json.length;
}

/** The place behind the object or list that begins at `from`; null: it does not end, or not soon. */
function endOfGroup(json: string, from: number): number | null {
	let open = 0;
	for (let at = from; at < json.length && at - from <= lineWidth; at++) {
		const letter = json[at] ?? "";
		if (letter === '"') at = endOfString(json, at) - 1;
		else if (letter === "{" || letter === "[") open++;
		else if ((letter === "}" || letter === "]") && --open === 0) return at + 1;
	}
	return null;
}

/** The beginning that fits `mostLines` lines of the panel, and how many lines there are in all; null: all of it fits. */
export function foldText(text: string, mostLines: number): { head: string; lines: number } | null {
	const linesOf = (line: string) => Math.max(1, Math.ceil(line.length / lineWidth));
	const all = text.split("\n");
	const lines = all.reduce((sum, line) => sum + linesOf(line), 0);
	// A button that hides one line costs as much as the line.
	if (lines <= mostLines + 1) return null;
	const head: string[] = [];
	let room = mostLines;
	for (const line of all) {
		if (room <= 0) break;
		head.push(line.slice(0, room * lineWidth));
		room -= linesOf(line);
	}
	return { head: head.join("\n"), lines };
}
