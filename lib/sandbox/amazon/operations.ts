/** The rate and the burst of each operation by the API's documents: calls a second, and how many at once. */
export const documentedLimits = {
	getListingsItem: [5, 10],
	searchListingsItems: [5, 5],
	patchListingsItem: [5, 5],
	previewListingsItem: [1, 5],
	createFeedDocument: [0.5, 15],
	createFeed: [0.0083, 15],
	listingsFeeds: [5 / 300, 5],
	getFeed: [2, 15],
	cancelFeed: [2, 15],
	getFeedDocument: [0.0222, 10],
	createReport: [0.0167, 15],
	getReport: [2, 15],
	getReports: [0.0222, 10],
	getReportDocument: [0.0167, 15],
	searchOrders: [0.0056, 20],
	getOrder: [0.5, 30],
	getMarketplaceParticipations: [0.016, 15],
	createDestination: [1, 5],
	getDestinations: [1, 5],
	createSubscription: [1, 5],
	getSubscription: [1, 5],
	deleteSubscriptionById: [1, 5],
	rotateApplicationClientSecret: [0.0167, 1],
} as const satisfies Record<string, readonly [number, number]>;

export type Operation = keyof typeof documentedLimits;
