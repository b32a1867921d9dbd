/** The platforms as people know them: what each is called, and what connecting a store there takes. */
export type PlatformWords = {
	label: string;
	/** "You need …" */
	needs: string;
	/** To connect one, for somebody who has what it needs. */
	minutes: number;
	/** What else people call it, or what is behind it. */
	also: string;
	/** Whose stock a store sells is a question there. */
	hasLocations: boolean;
};

const platforms = {
	shopify: {
		label: "Shopify",
		needs: "the shop's .myshopify.com name, and an owner or staff member who may install apps",
		minutes: 3,
		also: "admin graphql oauth",
		hasLocations: true,
	},
	woocommerce: {
		label: "WooCommerce",
		needs: "the shop's address, and an administrator or shop manager of its WordPress",
		minutes: 3,
		also: "wordpress woo wp",
		hasLocations: false,
	},
	bigcommerce: {
		label: "BigCommerce",
		needs: "the store's owner, or somebody who may make API accounts in its settings",
		minutes: 4,
		also: "bc oauth",
		hasLocations: true,
	},
	amazon: {
		label: "Amazon",
		needs: "a Professional selling account, and its primary user in Seller Central",
		minutes: 10,
		also: "marketplace sp-api seller central fbm",
		hasLocations: false,
	},
	magento: {
		label: "Magento",
		needs: "the shop's address, and an administrator who may add integrations",
		minutes: 5,
		also: "adobe commerce mage-os open source",
		hasLocations: true,
	},
	api2cart: {
		label: "API2Cart",
		needs: "an API2Cart account in which the store has been added",
		minutes: 5,
		also: "prestashop opencart shopware wix ebay etsy ecwid squarespace",
		hasLocations: false,
	},
	square: {
		label: "Square",
		needs: "the Square account's owner, or somebody who may let apps in",
		minutes: 3,
		also: "pos point of sale till",
		hasLocations: true,
	},
} satisfies Record<string, PlatformWords>;

export type PlatformKey = keyof typeof platforms;

export const platformKeys = Object.keys(platforms) as PlatformKey[];

export const platformWords: Readonly<Record<PlatformKey, PlatformWords>> = platforms;

/** What people call a platform. */
export const platformLabel = (platform: string): string =>
	Object.hasOwn(platforms, platform) ? platforms[platform as PlatformKey].label : platform;
