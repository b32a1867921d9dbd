/** Reports and feed results: files at an address that lives five minutes, plain or packed, in the encoding that it names. */
import { gunzipSync } from "node:zlib";
import type { Connection } from "../channel-adapter";
import type { Document } from "./api-types";
import { AmazonError, userAgent } from "./client";

/** Packed or not; a report of 100,000 items has some 30 MB. */
const largestDocumentBytes = 150_000_000;
const timeoutMs = 60_000;

/** Fetched without anything of ours: the address itself opens it. Throws ChannelError. */
export async function fetchDocument(
	connection: Connection,
	{ url, compressionAlgorithm }: Document,
	{ isSecret = true } = {},
): Promise<string> {
	const reply = await connection.http.send({
		method: "GET",
		url,
		headers: { "user-agent": userAgent, accept: "*/*" },
		timeoutMs,
		maxBytes: largestDocumentBytes,
		isSecret,
		decode: (bytes, headers) => decodeDocument(bytes, headers["content-type"], compressionAlgorithm),
	});
	if (reply.status === 200) return reply.text;
	throw new AmazonError("unreachable", "Amazon did not hand over the document in time.", {
		code: `HTTP_${reply.status}`,
		status: reply.status,
	});
}

/** Pure. Old accounts get their reports in their country's old encoding; only the content type says so. */
export function decodeDocument(
	bytes: Buffer,
	contentType: string | undefined,
	compressionAlgorithm: string | null | undefined,
): string {
	const isPacked = compressionAlgorithm === "GZIP" && bytes[0] === 0x1f && bytes[1] === 0x8b;
	const plain = isPacked ? unpack(bytes) : bytes;
	return decoderFor(/charset="?([\w-]+)/i.exec(contentType ?? "")?.[1]).decode(plain);
}

function unpack(bytes: Buffer): Buffer {
	try {
		return gunzipSync(bytes, { maxOutputLength: largestDocumentBytes });
	} catch (cause) {
		throw new AmazonError("unreadable", "Amazon's document can't be unpacked.", { cause });
	}
}

function decoderFor(charset: string | undefined): TextDecoder {
	try {
		return new TextDecoder(charset ?? "utf-8");
	} catch {
		return new TextDecoder();
	}
}

/** Puts a file where Amazon said, under the very content type that was announced. Throws ChannelError. */
export async function putDocument(
	connection: Connection,
	url: string,
	contentType: string,
	body: string,
): Promise<void> {
	const reply = await connection.http.send({
		method: "PUT",
		url,
		headers: { "user-agent": userAgent, "content-type": contentType },
		body,
		timeoutMs,
		isSecret: true,
	});
	if (reply.status >= 200 && reply.status < 300) return;
	throw new AmazonError("unreachable", "Amazon did not take the document.", {
		code: `HTTP_${reply.status}`,
		status: reply.status,
	});
}
