import { testChannelAdapter } from "../testing";
import { woocommerce } from ".";

testChannelAdapter({
	adapter: woocommerce,
	settings: { cronEveryMs: 0 },
	unable: {
		"ids beyond 2^53 stay exact": "WordPress counts its ids from 1",
		"of a decimal only whole units are sold":
			"only plugins sell parts of a unit; mapper.test.ts holds what is made of it",
	},
});
