/** What the shop says about itself. */
import { demand } from "./keys";
import { wooVersion, wordpressVersion } from "./settings";
import { offsetMs } from "./times";
import { type Answer, type Call, linksOf, noRoute } from "./wire";

const wordpressNamespaces = ["wp/v2", "wp-site-health/v1", "wp-block-editor/v1"];
const wooNamespaces = [
	"wc/v3",
	"wc/v1",
	"wc-admin",
	"wc-analytics",
	"wc/store",
	"wc/store/v1",
	"wc/private",
	"wc/v2",
	"wc-telemetry",
];

/** Asked for by anybody; keys are not read here. */
export function index(call: Call): Answer {
	const { home, store, settings, ctx } = call;
	return {
		body: {
			name: store.name,
			description: "",
			url: home,
			home,
			gmt_offset: offsetMs(ctx.now(), settings.timezone) / 3_600_000,
			timezone_string: settings.timezone,
			page_for_posts: 0,
			page_on_front: 0,
			show_on_front: "posts",
			namespaces: ["oembed/1.0", ...(settings.hasWooCommerce ? wooNamespaces : []), ...wordpressNamespaces],
			authentication: {
				"application-passwords": { endpoints: { authorization: `${home}/wp-admin/authorize-application.php` } },
			},
			site_logo: 0,
			site_icon: 0,
			site_icon_url: "",
			_links: { help: [{ href: "https://developer.wordpress.org/rest-api/" }] },
			routes: {},
		},
	};
}

/** Answers strangers, too: it proves nothing about keys. */
export const namespaceIndex = (call: Call): Answer => ({
	body: { namespace: "wc/v3", routes: {}, _links: { up: [{ href: `${call.home}/wp-json/` }] } },
});

export function systemStatus(call: Call): Answer {
	demand(call.caller, "list");
	const { home, settings } = call;
	return {
		body: {
			environment: {
				home_url: home,
				site_url: home,
				store_id: call.store.id,
				version: wooVersion,
				log_directory: "/var/www/html/wp-content/uploads/wc-logs/",
				log_directory_writable: true,
				wp_version: wordpressVersion,
				wp_multisite: false,
				wp_memory_limit: 536870912,
				wp_debug_mode: settings.printsWarning,
				wp_cron: settings.hasWpCron,
				wp_environment_type: "production",
				language: "en_US",
				external_object_cache: null,
				server_info: "nginx/1.22.1",
				server_architecture: "Linux x86_64",
				php_version: "8.2.36",
				php_post_max_size: 8388608,
				php_max_execution_time: 120,
				php_max_input_vars: 1000,
				curl_version: "7.88.1, OpenSSL/3.0.22",
				suhosin_installed: false,
				max_upload_size: 2097152,
				mysql_version: "10.11.19",
				mysql_version_string: "10.11.19-MariaDB",
				// PHP's own, which is always UTC and not the shop's.
				default_timezone: "UTC",
				fsockopen_or_curl_enabled: true,
				soapclient_enabled: false,
				domdocument_enabled: true,
				gzip_enabled: true,
				mbstring_enabled: true,
				remote_post_successful: false,
				remote_post_response: "",
				remote_get_successful: false,
				remote_get_response: "",
			},
			database: { wc_database_version: wooVersion },
			active_plugins: [
				{
					plugin: "woocommerce/woocommerce.php",
					name: "WooCommerce",
					version: wooVersion,
					version_latest: wooVersion,
					url: "https://woocommerce.com/",
					author_name: "Automattic",
					author_url: "https://woocommerce.com",
					network_activated: false,
				},
			],
			inactive_plugins: [],
			dropins_mu_plugins: [],
			theme: {},
			settings: {
				api_enabled: false,
				force_ssl: false,
				currency: settings.currency,
				currency_symbol: settings.currency === "EUR" ? "&euro;" : "&#36;",
				currency_position: "left",
				thousand_separator: ",",
				decimal_separator: ".",
				number_of_decimals: 2,
				geolocation_enabled: false,
				taxonomies: { external: "external", grouped: "grouped", simple: "simple", variable: "variable" },
				product_visibility_terms: {},
				woocommerce_com_connected: "no",
				enforce_approved_download_dirs: true,
				order_datastore: settings.hasOrderTables
					? "Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore"
					: "WC_Order_Data_Store_CPT",
				HPOS_enabled: settings.hasOrderTables,
				HPOS_sync_enabled: false,
				enabled_features: settings.hasOrderTables ? ["analytics", "custom_order_tables"] : ["analytics"],
			},
			security: {
				secure_connection: home.startsWith("https:") && !settings.hidesTls,
				hide_errors: !settings.printsWarning,
			},
			pages: [],
			post_type_counts: [],
			logging: {},
		},
	};
}

/** The settings that an integration looks at. */
export function getSetting(call: Call, id: string): Answer {
	demand(call.caller, "view");
	const { settings } = call;
	const known: Record<string, Record<string, unknown>> = {
		woocommerce_manage_stock: {
			label: "Manage stock",
			description: "Enable stock management",
			type: "checkbox",
			default: "yes",
			value: settings.countsStock ? "yes" : "no",
		},
		woocommerce_hold_stock_minutes: {
			label: "Hold stock (minutes)",
			description: "Hold stock (for unpaid orders) for x minutes.",
			type: "number",
			default: "60",
			value: "60",
		},
	};
	const found = known[id];
	if (!found) throw noRoute();
	const route = "/wc/v3/settings/products";
	return {
		body: {
			id,
			...found,
			group_id: "products",
			_links: linksOf(call, `${route}/${id}`, route, {}, ["GET", "POST", "PUT", "PATCH"]),
		},
	};
}
