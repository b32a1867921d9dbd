/** The rights that an integration needs, each with the box to tick (System → Integrations → API). Source: the modules' acl.xml. */
const boxes: Record<string, string> = {
	"Magento_Catalog::products": "Catalog → Inventory → Products",
	"Magento_Catalog::catalog_inventory": "Catalog → Inventory",
	"Magento_InventoryApi::source": "Stores → Inventory → Sources",
	"Magento_InventoryApi::stock": "Stores → Inventory → Stocks",
	"Magento_InventoryApi::stock_source_link": "Stores → Inventory → Stocks → Source to Stock Assigning",
	"Magento_InventoryApi::stock_source_item_assign": "Stores → Inventory → Sources → Source Item Assigning",
	"Magento_InventorySalesApi::stock": "Stores → Inventory → Sales Stock",
	"Magento_Sales::actions_view": "Sales → Operations → Orders → Actions → View",
	"Magento_Sales::cancel": "Sales → Operations → Orders → Actions → Cancel",
	"Magento_Sales::shipment": "Sales → Operations → Shipments",
	"Magento_Sales::sales_creditmemo": "Sales → Operations → Credit Memos",
	"Magento_Logging::system_magento_logging_bulk_operations": "System → Action Log → Bulk Actions",
	"Magento_Backend::store": "Stores → Settings → All Stores",
};

export const boxOf = (resource: string): string => boxes[resource] ?? resource;

export const tickFix = (resources: readonly string[]): string =>
	`In Magento open System → Extensions → Integrations, edit the integration, and under API tick ${resources.map((one) => `“${boxOf(one)}” (${one})`).join(", ")}. Save, then connect again.`;
