import { cron } from "inngest";
import { keepExposures as keep } from "@/lib/services/stock/keep-exposures";
import { inngest } from "../client";

/** Keeps how much could be oversold in the hours that are over. */
export const keepExposures = inngest.createFunction(
	{ id: "keep-exposures", triggers: [cron("7 * * * *")], retries: 1 },
	async ({ step }) => ({ kept: await step.run("keep", keep) }),
);
