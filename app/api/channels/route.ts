import { readChannels } from "@/lib/services/channels/read-channels";
import { jsonRoute } from "@/lib/services/http";

export const GET = jsonRoute(({ ctx }) => readChannels(ctx));
