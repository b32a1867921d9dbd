/** What a store says of itself. */
import { demand } from "./access";
import type { Answer, Call } from "./wire";

export function getStore(call: Call): Answer {
	demand(call, "store_v2_information");
	const { store, settings } = call;
	const hash = store.secrets.storeHash ?? "";
	return {
		body: {
			id: hash,
			account_uuid: "8d4d492f-17a1-4d95-b396-e1c5720815a5",
			domain: `${hash}.mybigcommerce.com`,
			secure_url: `https://store-${hash}.mybigcommerce.com`,
			control_panel_base_url: `https://store-${hash}.mybigcommerce.com`,
			status: "live",
			name: store.name,
			first_name: "Jane",
			last_name: "Doe",
			address: "",
			country: "United States",
			country_code: "US",
			phone: "555-123-4567",
			admin_email: "jane.doe@example.com",
			order_email: "orders@example.com",
			language: "en",
			currency: settings.currency,
			currency_symbol: "$",
			decimal_separator: ".",
			thousands_separator: ",",
			decimal_places: 2,
			currency_symbol_location: "left",
			weight_units: "Ounces",
			dimension_units: "Inches",
			dimension_decimal_places: 2,
			dimension_decimal_token: ".",
			dimension_thousands_token: ",",
			plan_name: settings.quotaPerWindow > 150 ? "Pro" : "Standard",
			plan_level: settings.quotaPerWindow > 150 ? "Pro" : "Standard",
			plan_is_trial: false,
			industry: "",
			logo: { url: "" },
			is_price_entered_with_tax: false,
			store_id: 1025646,
			default_site_id: 1000,
			default_channel_id: 1,
			timezone: {
				name: settings.timezone,
				raw_offset: -21600,
				dst_offset: -18000,
				dst_correction: true,
				date_format: { display: "M jS Y", export: "M jS Y", extended_display: "M jS Y @ g:i A" },
			},
			features: { stencil_enabled: true, sitewidehttps_enabled: true, multi_storefront_enabled: false },
		},
	};
}

export const getTime = ({ ctx }: Call): Answer => ({ body: { time: Math.floor(ctx.now().getTime() / 1_000) } });

export function getInventorySettings(call: Call): Answer {
	demand(call, "store_v2_information");
	return { body: { data: inventorySettings(call), meta: {} } };
}

const inventorySettings = ({ settings }: Pick<Call, "settings">) => ({
	product_out_of_stock_behavior: "do_nothing",
	option_out_of_stock_behavior: "do_nothing",
	update_stock_behavior: settings.updateStockBehavior,
	edit_order_stock_adjustment: settings.editsMoveStock,
	refund_order_stock_adjustment: settings.refundsMoveStock,
	stock_level_display: "dont_show",
	default_out_of_stock_message: "Currently out of stock",
	hide_in_product_filtering: false,
	show_pre_order_stock_levels: false,
	show_out_of_stock_message: false,
});
