import { testChannelAdapter } from "../testing";
import { magento } from ".";
import { pasteForm } from "./paste-form";

const untold = "no answer tells whether a credit memo returned its units to stock";

testChannelAdapter({
	adapter: magento,
	pasteForm,
	settings: { salabilityLagMs: 0, bulkDelayMs: 0 },
	untold: { partly_cancelled: untold, refunded_restocked: untold },
	unable: {
		"SKUs that differ by case alone are two": "Magento takes two SKUs that differ by case alone for one",
		"a SKU of 200 characters comes through": "Magento's SKUs have 64 characters at the most",
		"a blank SKU is none": "Magento gives every product a SKU",
		"a doubled SKU is two listings": "Magento gives a SKU to one product alone",
		"one bad row is its own":
			"Magento stores a row of a product that is gone, to no effect; write.db.test.ts holds a row that it refuses",
		"ids beyond 2^53 stay exact": "Magento counts its ids from 1; mapper.test.ts holds exact ones",
	},
});
