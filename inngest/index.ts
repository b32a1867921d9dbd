/** Every function that the app runs. */
import type { InngestFunction } from "inngest";
import { applyMail } from "./functions/apply-mail";
import { cancelOrders } from "./functions/cancel-orders";
import { checkWebhooks, findWebhooks } from "./functions/check-webhooks";
import { collectMail, findQueues } from "./functions/collect-mail";
import { compareStrategies } from "./functions/compare-strategies";
import { deliverWebhooks } from "./functions/deliver-webhooks";
import { importListings } from "./functions/import-listings";
import { keepExposures } from "./functions/keep-exposures";
import { prune } from "./functions/prune";
import { findSecrets, renewSecret } from "./functions/renew-secrets";
import { sweep } from "./functions/sweep";
import { findLevels, verifyLevels } from "./functions/verify-levels";
import { workOnChannel } from "./functions/work-channel";

export const functions: InngestFunction.Like[] = [
	applyMail,
	findQueues,
	collectMail,
	workOnChannel,
	importListings,
	sweep,
	prune,
	keepExposures,
	findWebhooks,
	checkWebhooks,
	findLevels,
	verifyLevels,
	findSecrets,
	renewSecret,
	deliverWebhooks,
	cancelOrders,
	compareStrategies,
];
