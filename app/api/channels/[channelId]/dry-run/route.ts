import { dryRun } from "@/lib/services/channels/dry-run";
import { readChannel } from "@/lib/services/channels/read-channels";
import { jsonRoute } from "@/lib/services/http";

export const GET = jsonRoute<{ channelId: string }>(async ({ ctx, params }) => {
	const { id } = await readChannel(ctx, params.channelId);
	return dryRun(ctx, id, { markSeen: false });
});
