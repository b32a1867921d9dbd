import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";

/** A dead letter as it was kept, for a person to look at. */
export type KeptMail = {
	inboxId: number;
	/** `applied`: it could be read after all. */
	state: "waiting" | "applied" | "dead" | "dismissed";
	topic: string;
	bytes: number;
	/** Its beginning: as text, or in hexadecimal where it is none. */
	body: string;
	isHex: boolean;
	/** There is more of it than `body` shows. */
	isCut: boolean;
};

/** Bytes of a body that are shown. */
const mostBytes = 4_096;
/** In hexadecimal nobody reads on. */
const mostHexBytes = 256;

const states = ["waiting", "applied", "dead", "dismissed"] as const;

/** Null: it is gone, or it was never a dead letter. */
export async function readKeptMail(tx: Transaction, inboxId: number): Promise<KeptMail | null> {
	const [row] = (await tx.execute(sql`
		select state, topic, length(body) as bytes, encode(substring(body for ${mostBytes}::int), 'hex') as head
		from inbox where id = ${inboxId}::bigint`)) as unknown as {
		state: number;
		topic: string;
		bytes: number;
		head: string;
	}[];
	const state = row && states[row.state];
	if (!state) return null;
	return {
		inboxId,
		state,
		topic: row.topic,
		bytes: row.bytes,
		...readableHead(Buffer.from(row.head, "hex"), row.bytes),
	};
}

export function readableHead(head: Buffer, bytes: number): Pick<KeptMail, "body" | "isHex" | "isCut"> {
	const text = asText(head);
	if (text !== null) return { body: text, isHex: false, isCut: bytes > head.length };
	const shown = head.subarray(0, mostHexBytes);
	return { body: shown.toString("hex").replace(/..(?!$)/g, "$& "), isHex: true, isCut: bytes > shown.length };
}

/** Null where it is no text. A character that was cut in two at the end is left out. */
function asText(head: Buffer): string | null {
	try {
		const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
		// biome-ignore lint/suspicious/noControlCharactersInRegex: what no text holds is what is looked for
		return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text;
	} catch {
		return null;
	}
}
