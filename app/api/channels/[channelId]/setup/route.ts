import { readSetup } from "@/lib/services/channels/read-setup";
import { jsonRoute } from "@/lib/services/http";

export const GET = jsonRoute<{ channelId: string }>(({ ctx, params }) => readSetup(ctx, params.channelId));
