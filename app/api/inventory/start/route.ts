import { z } from "zod";
import { requireLocation } from "@/lib/services/channels/require-location";
import { jsonRoute } from "@/lib/services/http";
import { startFromCatalogue } from "@/lib/services/imports/start-from-catalogue";
import { proposeMappings } from "@/lib/services/mappings/propose-mappings";

const input = z.object({ channelId: z.uuid(), isDryRun: z.boolean() });

/** One store's catalogue becomes the master; what the other stores have is then looked at. */
export const POST = jsonRoute(
	async ({ ctx, request }) => {
		const { channelId, isDryRun } = input.parse(await request.json());
		await requireLocation(ctx, channelId);
		const started = await startFromCatalogue(ctx, channelId, { isDryRun });
		if (!isDryRun) await proposeMappings(ctx);
		return started;
	},
	{ minimum: "manager" },
);
