import { cron } from "inngest";
import { findDueEndpoints } from "@/lib/services/endpoints/find-endpoint";
import { findDueCancels } from "@/lib/services/orders/find-due-cancels";
import { releaseExpired } from "@/lib/services/reservations/release-expired";
import { recomputeTimedOffers } from "@/lib/services/stock/recompute-timed-offers";
import { askForMissedNews } from "@/lib/services/sync/ask-for-missed-news";
import { findWork } from "@/lib/services/sync/find-work";
import { inngest } from "../client";
import { cancelDue, deliveryDue, importAsked, mailArrived, started, workDue } from "../events";

/**
 * Finds what lost its wake-up, and gives back what time alone frees (a pace that is over, a reservation that has expired):
 * once a minute, and when a process starts. A lost event costs time, never a sale.
 */
export const sweep = inngest.createFunction(
	{ id: "sweep", triggers: [cron("* * * * *"), started], retries: 1 },
	async ({ event, step }) => {
		const isStart = event.name === started.name;
		if (isStart) await step.run("ask", askForMissedNews);
		const found = await step.run("find", () => findWork({ isStart }));
		const endpoints = await step.run("endpoints", findDueEndpoints);
		const cancels = await step.run("cancels", findDueCancels);
		const events = [
			...found.mail.map((channelId) => mailArrived.create({ channelId })),
			...found.work.map((channelId) => workDue.create({ channelId })),
			...found.imports.map((channelId) => importAsked.create({ channelId })),
			...endpoints.map((endpointId) => deliveryDue.create({ endpointId })),
			...cancels.map((channelId) => cancelDue.create({ channelId })),
		];
		if (events.length > 0) await step.sendEvent("wake", events);
		// Last: what fails here keeps no lost wake-up waiting.
		const reoffered = await step.run("reoffer", recomputeTimedOffers);
		const { released } = await step.run("reservations", releaseExpired);
		return {
			mail: found.mail.length,
			work: found.work.length,
			imports: found.imports.length,
			endpoints: endpoints.length,
			cancels: cancels.length,
			released,
			reoffered,
		};
	},
);
