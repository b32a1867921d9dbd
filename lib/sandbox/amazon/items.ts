/** How listings lie in sandbox.items, and how the API shows them. The quantity column is the live one of the seller's own stock. */
import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { AmazonSettings } from "./settings";
import { stamp } from "./wire";

/** A row of attributes.fulfillment_availability, as it was last submitted. */
export type Submitted = {
	fulfillment_channel_code: string;
	quantity?: number;
	lead_time_to_ship_max_days?: number;
	restock_date?: string;
	is_inventory_available?: boolean;
	marketplace_id?: string;
};

export type Issue = {
	code: string;
	message: string;
	severity: "ERROR" | "WARNING" | "INFO";
	attributeNames?: string[];
	categories: string[];
};

export type ItemData = {
	title: string;
	asin: string;
	productType: string;
	gtin: string | null;
	options: string | null;
	price: string;
	parentSku: string | null;
	childSkus: string[];
	/** There is a row of the seller's own stock. */
	hasDefault: boolean;
	/** Other rows: `AMAZON_NA`, or a location's id, with what lies there. */
	others: { code: string; quantity: number }[];
	/** Amazon's warehouses have a number for it (`fnSku`), which they may before any row of theirs is shown. */
	isInWarehouses: boolean;
	submitted: Submitted[];
	createdDate: string;
	isDeleted: boolean;
	/** Shown to nobody, whatever its quantity. */
	isSuppressed: boolean;
	/** What a submission for it is refused with. */
	refusesWith: Issue | null;
};

export type ItemRow = { id: string; sku: string; quantity: number | null; data: ItemData; modified_at: string };

export const selectItems = (storeId: string, where: SQL, rest: SQL = sql``): SQL => sql`
	select i.id, i.sku, i.quantity, i.data, i.modified_at from sandbox.items i
	where i.store_id = ${storeId} and not (i.data->>'isDeleted')::boolean and ${where} ${rest}`;

/** Longer lists go in one parameter. */
export const textList = (texts: readonly string[]) =>
	sql`(select jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb))`;

export async function findItem(db: Executor, storeId: string, sku: string, rest: SQL = sql``): Promise<ItemRow | null> {
	const [row] = await db.execute<ItemRow>(selectItems(storeId, sql`i.sku = ${sku}`, rest));
	return row ?? null;
}

export const isParent = ({ data }: ItemRow) => data.childSkus.length > 0;
export const isFba = ({ data }: ItemRow) =>
	data.isInWarehouses || data.others.some(({ code }) => code.startsWith("AMAZON"));

export function statusOf(row: ItemRow): string[] {
	if (row.data.isSuppressed) return [];
	if (isParent(row)) return ["DISCOVERABLE"];
	const isBuyable =
		row.data.others.some(({ quantity }) => quantity > 0) ||
		(row.data.hasDefault && (row.quantity === null || row.quantity > 0));
	return isBuyable ? ["BUYABLE", "DISCOVERABLE"] : ["DISCOVERABLE"];
}

export function presentItem(row: ItemRow, settings: AmazonSettings, includedData: readonly string[]) {
	const { data } = row;
	const { marketplaceId } = settings;
	const parts: Record<string, () => unknown> = {
		summaries: () => [
			{
				marketplaceId,
				asin: data.asin,
				productType: data.productType,
				conditionType: "new_new",
				status: statusOf(row),
				...(isFba(row) ? { fnSku: `X00${row.id}` } : {}),
				itemName: data.title,
				createdDate: stamp(data.createdDate),
				lastUpdatedDate: stamp(row.modified_at),
				mainImage: { link: `https://m.media-amazon.com/images/I/${data.asin}.jpg`, height: 500, width: 500 },
			},
		],
		attributes: () => attributesOf(row, marketplaceId),
		fulfillmentAvailability: () => availabilityOf(row),
		relationships: () => [{ marketplaceId, relationships: relationshipsOf(row) }],
		issues: () => [],
		productTypes: () => [{ marketplaceId, productType: data.productType }],
		offers: () =>
			isParent(row) ? [] : [{ marketplaceId, offerType: "B2C", price: { currencyCode: "USD", amount: data.price } }],
		procurement: () => [],
	};
	return {
		sku: row.sku,
		...Object.fromEntries(includedData.flatMap((name) => (parts[name] ? [[name, parts[name]()]] : []))),
	};
}

/** Live, over all marketplaces; nothing is said of a quantity that is not counted. */
function availabilityOf(row: ItemRow) {
	const own = { fulfillmentChannelCode: "DEFAULT", ...(row.quantity === null ? {} : { quantity: row.quantity }) };
	return [
		...(row.data.hasDefault ? [own] : []),
		...row.data.others.map(({ code, quantity }) => ({
			fulfillmentChannelCode: code,
			// Amazon says nothing of what lies in its own warehouses here.
			...(code.startsWith("AMAZON") ? {} : { quantity }),
		})),
	];
}

const optionNames = ["size", "color", "style"];
const optionsOf = ({ data }: ItemRow) => (data.options ?? "").split(" / ").filter((option) => option !== "");

function attributesOf(row: ItemRow, marketplaceId: string) {
	const { data } = row;
	const value = (text: string) => [{ value: text, marketplace_id: marketplaceId }];
	return {
		item_name: value(data.title),
		...(data.gtin
			? { externally_assigned_product_identifier: [{ type: "ean", value: data.gtin, marketplace_id: marketplaceId }] }
			: {}),
		...Object.fromEntries(
			optionsOf(row).map((option, index) => [optionNames[index] ?? `option_${index}`, value(option)]),
		),
		...(data.submitted.length > 0
			? { fulfillment_availability: data.submitted.map((one) => ({ ...one, marketplace_id: marketplaceId })) }
			: {}),
	};
}

function relationshipsOf(row: ItemRow) {
	const { parentSku, childSkus } = row.data;
	const attributes = optionsOf(row).map((_, index) => optionNames[index] ?? `option_${index}`);
	if (childSkus.length > 0) return [{ type: "VARIATION", childSkus }];
	if (parentSku)
		return [
			{
				type: "VARIATION",
				parentSkus: [parentSku],
				variationTheme: { attributes, theme: attributes.join("/").toUpperCase() || "NAME" },
			},
		];
	return [];
}
