import { readChannel } from "@/lib/services/channels/read-channels";
import { jsonRoute } from "@/lib/services/http";

export const GET = jsonRoute<{ channelId: string }>(({ ctx, params }) => readChannel(ctx, params.channelId));
