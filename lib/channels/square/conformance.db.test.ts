import { testChannelAdapter } from "../testing";
import { pasteForm, square } from ".";

testChannelAdapter({
	adapter: square,
	pasteForm,
	expiringAccessOf: ({ refreshToken = "" }) => ({ accessToken: "", refreshToken }),
	settings: { deliveryDelayMs: 0 },
	untold: {
		refunded_restocked: "an order that takes goods back does not say whether they went on sale again",
	},
	throttledInPart: "a batch that Square throttled was seen to be done in part (woocommerce-square, issue 108)",
	unable: { "ids beyond 2^53 stay exact": "Square's ids are letters" },
});
