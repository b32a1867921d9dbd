/** Files at addresses of their own, each good for five minutes: what is announced, put there, and fetched. */
import { createHmac, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Executor } from "@/db/client";
import { storeBaseUrl } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { findToken, putToken } from "./tokens";

const addressLifeMs = 5 * 60_000;
const documentLifeMs = 2 * 24 * 60 * 60_000;

export type DocumentData = {
	use: "input" | "output";
	/** Of an input: the one that was announced; of an output: the one that it comes with. */
	contentType: string;
	isPacked: boolean;
	/** Base64; null while nothing was put there. */
	content: string | null;
};

export async function makeDocument(
	db: Executor,
	ctx: SandboxContext,
	store: SandboxStore,
	kind: "feed" | "report",
	data: DocumentData,
): Promise<string> {
	const id = kind === "feed" ? `amzn1.tortuga.4.na.${randomUUID()}` : `amzn1.spdoc.1.4.na.${randomUUID()}`;
	const now = ctx.now();
	const expiresAt = new Date(now.getTime() + documentLifeMs);
	await putToken(db, store.id, { token: id, kind: "document", data, expiresAt, createdAt: now });
	return id;
}

/** A file of ours: text in an encoding, packed or not. */
export const outputOf = (text: Buffer, contentType: string, isPacked: boolean): DocumentData => ({
	use: "output",
	contentType,
	isPacked,
	content: (isPacked ? gzipSync(text) : text).toString("base64"),
});

export function addressOf(ctx: SandboxContext, store: SandboxStore, id: string): string {
	const until = ctx.now().getTime() + addressLifeMs;
	return `${storeBaseUrl(ctx, store)}/documents/${id}?Expires=${until}&Signature=${signature(store, id, until)}`;
}

const signature = (store: SandboxStore, id: string, until: number) =>
	createHmac("sha256", store.secrets.clientSecret ?? "")
		.update(`${id} ${until}`)
		.digest("hex");

export const findDocument = async (ctx: SandboxContext, store: SandboxStore, id: string) => {
	const row = await findToken<DocumentData>(ctx.db, store.id, "document", id);
	return row && Date.parse(row.expires_at ?? "") > ctx.now().getTime() ? row : null;
};

const storage = (status: number, code: string, message: string) =>
	new Response(
		`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
		{
			status,
			headers: { "content-type": "application/xml" },
		},
	);

/** The address is all the right that one needs, and the only one that it takes. */
export async function serveDocument(
	ctx: SandboxContext,
	store: SandboxStore,
	request: Request,
	id: string,
): Promise<Response> {
	const query = new URL(request.url).searchParams;
	const until = Number(query.get("Expires"));
	if (query.get("Signature") !== signature(store, id, until))
		return storage(
			403,
			"SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided.",
		);
	if (until <= ctx.now().getTime()) return storage(403, "AccessDenied", "Request has expired");
	if (request.headers.has("x-amz-access-token"))
		return storage(400, "InvalidArgument", "Only one auth mechanism allowed");
	const row = await findDocument(ctx, store, id);
	if (!row) return storage(404, "NoSuchKey", "The specified key does not exist.");
	if (request.method === "GET") {
		if (row.data.content === null) return storage(404, "NoSuchKey", "The specified key does not exist.");
		return new Response(new Uint8Array(Buffer.from(row.data.content, "base64")), {
			headers: { "content-type": row.data.contentType },
		});
	}
	if (request.method !== "PUT" || row.data.use !== "input")
		return storage(
			403,
			"SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided.",
		);
	// The type is a part of what was signed.
	if (request.headers.get("content-type") !== row.data.contentType)
		return storage(
			403,
			"SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided.",
		);
	const content = Buffer.from(await request.arrayBuffer()).toString("base64");
	await putToken(ctx.db, store.id, {
		token: id,
		kind: "document",
		data: { ...row.data, content },
		expiresAt: new Date(row.expires_at ?? 0),
		createdAt: new Date(row.created_at),
	});
	return new Response(null, { status: 200 });
}
