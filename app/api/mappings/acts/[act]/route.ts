import { z } from "zod";
import { readUpload } from "@/lib/services/csv-response";
import { NotFound } from "@/lib/services/errors";
import { jsonRoute } from "@/lib/services/http";
import { acceptProposals, previewAccept } from "@/lib/services/mappings/accept-proposals";
import { leaveOut, linkListings, unlinkListings } from "@/lib/services/mappings/link-listings";
import type { ChangedMappings } from "@/lib/services/mappings/mapping-change";
import { proposeMappings, rejectProposals } from "@/lib/services/mappings/propose-mappings";
import { readLinkFile, resolveLinks } from "@/lib/services/mappings/resolve-links";
import { undoBatch } from "@/lib/services/mappings/undo-batch";
import { largestFileBytes } from "@/lib/services/skus/import-skus";

const pairs = z.array(z.object({ listingId: z.uuid(), skuId: z.uuid() })).max(2_000);

/** What may be done to mappings. A route, not an action: acts overlap, and the keyboard must not wait for the last one. */
export const POST = jsonRoute<{ act: string }>(async ({ ctx, request, params }) => {
	switch (params.act) {
		case "link":
			return changed(await linkListings(ctx, await request.json()));
		case "unlink":
			return changed(await unlinkListings(ctx, await request.json()));
		case "leave-out":
			return changed(await leaveOut(ctx, await request.json()));
		case "reject":
			return { rejected: await rejectProposals(ctx, z.object({ pairs }).parse(await request.json()).pairs) };
		case "unreject":
			return { restored: await rejectProposals(ctx, z.object({ pairs }).parse(await request.json()).pairs, false) };
		case "undo":
			return undoBatch(ctx, z.object({ batchId: z.uuid() }).parse(await request.json()).batchId);
		case "propose":
			return proposeMappings(ctx);
		case "preview":
			return previewAccept(ctx, await request.json());
		case "accept":
			return acceptProposals(ctx, await request.json());
		case "resolve":
			return resolveLinks(ctx, await request.json());
		case "resolve-file":
			return resolveLinks(ctx, readLinkFile(await readUpload(request, largestFileBytes)));
		default:
			throw new NotFound("act");
	}
});

/** Where somebody was faster everywhere, the answer is a conflict, with theirs and mine in it. */
function changed(result: ChangedMappings): ChangedMappings | Response {
	const isConflict = result.changed.length === 0 && result.refused.some(({ reason }) => reason === "changed_meanwhile");
	return isConflict ? Response.json(result, { status: 409 }) : result;
}
