import type { Platform } from "@/db/schema";

/** The channel that machinery works on. */
export type WorkTarget = { channelId: string; merchantId: string; platform: Platform };
