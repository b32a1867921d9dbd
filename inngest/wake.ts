import { setWakeSender } from "@/lib/services/sync/wake";
import { inngest } from "./client";
import {
	cancelDue,
	comparisonAsked,
	deliveryDue,
	importAsked,
	levelsDue,
	mailArrived,
	queueDue,
	started,
	workDue,
} from "./events";

const events = {
	mail: (channelId: string) => mailArrived.create({ channelId }),
	work: (channelId: string) => workDue.create({ channelId }),
	import: (channelId: string) => importAsked.create({ channelId }),
	verify: (channelId: string) => levelsDue.create({ channelId }),
	queue: (channelId: string) => queueDue.create({ channelId }),
	cancel: (channelId: string) => cancelDue.create({ channelId }),
	deliver: (endpointId: string) => deliveryDue.create({ endpointId }),
	compare: (merchantId: string) => comparisonAsked.create({ merchantId }),
};

/** Lets services wake functions without knowing of Inngest; then finds what the last process left. */
export async function connectWakes(): Promise<void> {
	setWakeSender(async (kind, ids) => {
		await inngest.send(ids.map((id) => events[kind](id)));
	});
	await inngest.send(started.create({ at: new Date().toISOString() }));
}
