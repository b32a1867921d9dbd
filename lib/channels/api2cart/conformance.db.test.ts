import { testChannelAdapter } from "../testing";
import { api2cart } from ".";
import { pasteForm } from "./paste-form";

const noReading = "a key of API2Cart's opens all that the account may do, or nothing";
const unsigned =
	"its deliveries are not signed: the address that only it knows proves them, and a body is a reason to read";

// Shopify lies behind: of the two stores that its sandbox reads row by row the one that takes units at placing, as most do.
testChannelAdapter({
	adapter: api2cart,
	pasteForm,
	settings: {
		backing: { platform: "shopify", storeId: null },
		hasBatch: true,
		batchMs: { starts: 0, ends: 0 },
		newsDelayMs: { least: 0, most: 0 },
	},
	untold: { refunded_restocked: "API2Cart tells of a refund's units and money, and not whether they were put back" },
	unable: {
		"keys that may only read are named, with their fix": noReading,
		"a right that is missing is named, with its fix": noReading,
		"of a decimal only whole units are sold":
			"the store behind counts whole units; mapper.test.ts holds what is made of others",
		"life: marked_refunded": "the store behind knows no such step; statuses.test.ts holds what is made of it",
		"mail with an altered body is rejected": unsigned,
		"a forgery beside the true mail is told apart": unsigned,
		"a piece of news that comes again has the same key": "deliveries carry no id, and equal bodies are no repetition",
	},
});
