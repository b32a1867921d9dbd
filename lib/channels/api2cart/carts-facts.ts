/** What is known of the carts and marketplaces behind API2Cart, by `cart_id`. Everything else is asked of the store. */

/**
 * Whether the store shows a number when API2Cart has answered. Marketplaces take numbers in as feeds and work them off;
 * their code 0 only means "accepted" (seen with Amazon and Walmart). What is not known to be a shop of its own counts as
 * one of them: to look again costs one reading.
 */
export const appliesAtOnce: ReadonlySet<string> = new Set([
	"3DCart",
	"3DCartApi",
	"AceShop",
	"Americommerce",
	"AspDotNetStorefront",
	"BigCartel",
	"BigcommerceApi",
	"CommerceHQ",
	"Creloaded",
	"Cscart",
	"Cubecart",
	"Ecwid",
	"Gambio",
	"JooCart",
	"Jumpseller",
	"LightSpeed",
	"Magento1212",
	"Magento2Api",
	"MijoShop",
	"Miva",
	"Neto",
	"Nopcommerce",
	"Opencart14",
	"Oscmax2",
	"Oscommerce22ms2",
	"Oxid",
	"Pinnacle",
	"Prestashop",
	"PrestashopApi",
	"Salla",
	"Shopify",
	"Shoplazza",
	"Shopline",
	"Shopware",
	"ShopwareApi",
	"Square",
	"Squarespace",
	"Tiendanube",
	"Tomatocart",
	"Ubercart",
	"Unas",
	"Virtuemart",
	"Volusion",
	"WPecommerce",
	"Wix",
	"Woocommerce",
	"WoocommerceApi",
	"Xcart",
	"Xtcommerce",
	"XtcommerceVeyton",
	"Zencart137",
	"Zid",
	"Zoey",
	"Zoho",
]);

/** eBay lists orders by at most 30 days of change and none older than 90 (its own error texts). */
export const orderWindows: Readonly<Record<string, { mostDays: number; rememberedDays: number }>> = {
	EBay: { mostDays: 30, rememberedDays: 90 },
};
