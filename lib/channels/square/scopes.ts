/** What is asked for, and what each is for. */
export const scopes = [
	{ scope: "MERCHANT_PROFILE_READ", purpose: "know the account and its locations" },
	{ scope: "ITEMS_READ", purpose: "list items and their SKUs" },
	{ scope: "INVENTORY_READ", purpose: "read how many units lie at a location" },
	{ scope: "INVENTORY_WRITE", purpose: "show the right number of units" },
	{ scope: "ORDERS_READ", purpose: "hear of every sale" },
] as const;
