import { promptSettings } from "@/lib/sandbox/amazon/testing";
import { testChannelAdapter } from "../testing";
import { amazon } from ".";
import { pasteForm } from "./paste-form";

const noReading =
	"a role of Amazon's lets an app read and write, or neither; adapter.db.test.ts takes whole roles away";

testChannelAdapter({
	adapter: amazon,
	pasteForm,
	settings: promptSettings,
	unable: {
		"keys that may only read are named, with their fix": noReading,
		"a right that is missing is named, with its fix": noReading,
		"a SKU of 200 characters comes through": "Amazon's SKUs end at 40 characters",
		"a blank SKU is none": "Amazon lists nothing without a SKU",
		"a doubled SKU is two listings": "a seller has each SKU once",
		"ids beyond 2^53 stay exact": "items are known by their SKU and orders by digits with dashes, all of it text",
		"a number below zero is kept": "Amazon takes no number below zero and sells nothing beyond it",
		"of a decimal only whole units are sold": "Amazon counts whole units",
	},
});
