import { Unacceptable } from "./errors";

/** A file to be saved, named by what it is and its day. */
export const csvResponse = (name: string, now: Date, text: string): Response =>
	new Response(text, {
		headers: {
			"content-type": "text/csv; charset=utf-8",
			"content-disposition": `attachment; filename="${name}-${now.toISOString().slice(0, 10)}.csv"`,
			"cache-control": "private, no-store",
		},
	});

/** An uploaded file's bytes. The size that the browser promised is checked before anything is read. */
export async function readUpload(request: Request, largestBytes: number): Promise<Uint8Array> {
	if (Number(request.headers.get("content-length") ?? 0) > largestBytes)
		throw new Unacceptable("The file is larger than 20 MB. Split it and import the parts.");
	return new Uint8Array(await request.arrayBuffer());
}
