/** What people call a platform. */
const labels: Record<string, string> = {
	shopify: "Shopify",
	woocommerce: "WooCommerce",
	bigcommerce: "BigCommerce",
	amazon: "Amazon",
	magento: "Magento",
	api2cart: "API2Cart",
	square: "Square",
};

export const platformLabel = (platform: string): string => labels[platform] ?? platform;
