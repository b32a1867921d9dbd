/** Products, variants, inventory items, levels, locations as GraphQL shows them. */
import type { GraphQLResolveInfo } from "graphql";
import { gid, idOf, levelGid } from "./ids";
import { type PageArguments, pageOf } from "./paging";
import { sumAvailable } from "./payloads";
import { quantityOf } from "./quantity-write";
import { type ItemRow, type LevelRow, type LocationRow, locationsOf, type ProductRow, type VariantRow } from "./rows";
import type { Scope } from "./scope";
import { settingsOf, shopDomain } from "./settings";
import { graphTime } from "./times";

export const shopNode = ({ ctx, store }: Scope) => ({
	__typename: "Shop",
	id: gid("Shop", "548380009"),
	name: store.name,
	email: "owner@example.com",
	myshopifyDomain: shopDomain(store),
	url: `${ctx.origin}/sandbox/shopify/${store.id}`,
	ianaTimezone: settingsOf(store).timezone,
	currencyCode: settingsOf(store).currency,
	get createdAt() {
		return graphTime(store.createdAt);
	},
	plan: {
		publicDisplayName: { standard: "Basic", advanced: "Advanced", plus: "Shopify Plus", enterprise: "Enterprise" }[
			settingsOf(store).plan
		],
		partnerDevelopment: true,
		shopifyPlus: settingsOf(store).plan === "plus",
	},
});

export const locationNode = (row: LocationRow) => ({
	__typename: "Location",
	row,
	id: gid("Location", row.id),
	legacyResourceId: row.id,
	name: row.data.name,
	isActive: row.data.isActive,
	isPrimary: row.data.isPrimary,
	fulfillsOnlineOrders: row.data.fulfillsOnlineOrders,
	shipsInventory: row.data.fulfillsOnlineOrders,
	hasActiveInventory: true,
	isFulfillmentService: false,
	fulfillmentService: null,
	get updatedAt() {
		return graphTime(row.modified_at);
	},
});

export const productNode = (row: ProductRow) => ({
	__typename: "Product",
	row,
	id: gid("Product", row.id),
	legacyResourceId: row.id,
	title: row.data.title,
	handle: row.data.handle,
	status: row.data.status,
	vendor: row.data.vendor,
	get createdAt() {
		return graphTime(row.data.createdAt);
	},
	get updatedAt() {
		return graphTime(row.modified_at);
	},
	isGiftCard: false,
	hasOnlyDefaultVariant: row.data.options.length === 1 && row.data.options[0] === "Title",
	onlineStoreUrl: null,
	featuredMedia: null,
	tags: [],
});

export const variantNode = (row: VariantRow) => ({
	__typename: "ProductVariant",
	row,
	id: gid("ProductVariant", row.id),
	legacyResourceId: row.id,
	sku: row.sku,
	barcode: row.data.barcode,
	title: row.data.title,
	price: row.data.price,
	position: row.data.position,
	inventoryPolicy: row.data.policy,
	requiresComponents: row.data.requiresComponents,
	selectedOptions: row.data.options,
	get createdAt() {
		return graphTime(row.data.createdAt);
	},
	get updatedAt() {
		return graphTime(row.modified_at);
	},
});

export const itemNode = (row: ItemRow) => ({
	__typename: "InventoryItem",
	row,
	id: gid("InventoryItem", row.id),
	legacyResourceId: row.id,
	sku: row.sku,
	tracked: row.is_managed,
	requiresShipping: row.data.requiresShipping,
	get createdAt() {
		return graphTime(row.data.createdAt);
	},
	get updatedAt() {
		return graphTime(row.modified_at);
	},
});

export const levelNode = (row: LevelRow) => ({
	__typename: "InventoryLevel",
	row,
	id: levelGid(row.data.locationId, row.parent_id ?? ""),
	isActive: row.data.isActive,
	get createdAt() {
		return graphTime(row.data.createdAt);
	},
	get updatedAt() {
		return graphTime(row.modified_at);
	},
});

type Node<T extends (row: never) => unknown> = ReturnType<T>;
type ProductNode = Node<typeof productNode>;
type VariantNode = Node<typeof variantNode>;
type ItemNode = Node<typeof itemNode>;
type LevelNode = Node<typeof levelNode>;

async function variantsOf(scope: Scope, product: ProductNode) {
	return scope.loaders.variantsOf(product.row.id);
}

async function totalOf(scope: Scope, variants: readonly VariantRow[]): Promise<number> {
	const levels = await Promise.all(variants.map(({ data }) => scope.loaders.levelsOf(data.itemId)));
	return levels.reduce((sum, rows) => sum + sumAvailable(rows), 0);
}

async function locationOf(scope: Scope, id: string) {
	const row = (await locationsOf(scope.ctx, scope.store)).find((location) => location.id === id);
	return row ? locationNode(row) : null;
}

export const catalogueFields = {
	Product: {
		variants: async (product: ProductNode, args: PageArguments, scope: Scope) => {
			const page = pageOf(await variantsOf(scope, product), ({ id }) => id, args);
			return { ...page, nodes: page.nodes.map(variantNode) };
		},
		variantsCount: async (product: ProductNode, _: unknown, scope: Scope) => ({
			count: (await variantsOf(scope, product)).length,
			precision: "EXACT",
		}),
		totalInventory: async (product: ProductNode, _: unknown, scope: Scope) =>
			totalOf(scope, await variantsOf(scope, product)),
		tracksInventory: async (product: ProductNode, _: unknown, scope: Scope) =>
			(await variantsOf(scope, product)).some(({ is_managed }) => is_managed),
		options: ({ row }: ProductNode) =>
			row.data.options.map((name, index) => ({ id: gid("ProductOption", row.id), name, position: index + 1 })),
	},
	ProductVariant: {
		displayName: async ({ row }: VariantNode, _: unknown, scope: Scope) => {
			const product = await scope.loaders.product(row.parent_id ?? "");
			return `${product?.data.title ?? ""} - ${row.data.title}`;
		},
		product: async ({ row }: VariantNode, _: unknown, scope: Scope) => {
			const product = await scope.loaders.product(row.parent_id ?? "");
			return product && productNode(product);
		},
		inventoryItem: async ({ row }: VariantNode, _: unknown, scope: Scope) => {
			const item = await scope.loaders.item(row.data.itemId);
			return item && itemNode(item);
		},
		inventoryQuantity: async ({ row }: VariantNode, _: unknown, scope: Scope) => totalOf(scope, [row]),
	},
	InventoryItem: {
		variant: async ({ row }: ItemNode, _: unknown, scope: Scope) => {
			const variant = await scope.loaders.variant(row.parent_id ?? "");
			return variant && variantNode(variant);
		},
		variants: async ({ row }: ItemNode, args: PageArguments, scope: Scope) => {
			const variant = await scope.loaders.variant(row.parent_id ?? "");
			const page = pageOf(variant ? [variant] : [], ({ id }) => id, args);
			return { ...page, nodes: page.nodes.map(variantNode) };
		},
		duplicateSkuCount: async ({ row }: ItemNode, _: unknown, scope: Scope) =>
			row.sku ? (await scope.loaders.skuCount(row.sku)) - 1 : 0,
		inventoryLevel: async ({ row }: ItemNode, args: { locationId: string }, scope: Scope) => {
			const locationId = idOf("Location", args.locationId);
			const level = (await scope.loaders.levelsOf(row.id)).find(({ data }) => data.locationId === locationId);
			return level ? levelNode(level) : null;
		},
		inventoryLevels: async (
			{ row }: ItemNode,
			args: PageArguments & { includeInactive?: boolean | null },
			scope: Scope,
		) => {
			const levels = await scope.loaders.levelsOf(row.id);
			const page = pageOf(
				levels.filter(({ data }) => data.isActive || args.includeInactive),
				({ id }) => id,
				args,
			);
			return { ...page, nodes: page.nodes.map(levelNode) };
		},
		locationsCount: async ({ row }: ItemNode, _: unknown, scope: Scope) => ({
			count: (await scope.loaders.levelsOf(row.id)).length,
			precision: "EXACT",
		}),
	},
	InventoryLevel: {
		location: ({ row }: LevelNode, _: unknown, scope: Scope) => locationOf(scope, row.data.locationId),
		item: async ({ row }: LevelNode, _: unknown, scope: Scope) => {
			const item = await scope.loaders.item(row.parent_id ?? "");
			return item && itemNode(item);
		},
		quantities: ({ row }: LevelNode, args: { names: string[] }) =>
			args.names.filter(isQuantityName).map((name) => ({
				id: `${gid("InventoryQuantity", row.data.locationId)}?inventory_item_id=${row.parent_id}&name=${name}`,
				name,
				quantity: quantityOf(row, name),
				// Shopify keeps no time for the sum.
				updatedAt: name === "on_hand" ? null : graphTime(row.modified_at),
			})),
	},
	InventoryAdjustmentGroup: {
		staffMember: () => null,
	},
	InventoryChange: {
		item: ({ itemId }: { itemId: string }, _: unknown, scope: Scope, info: GraphQLResolveInfo) => {
			// A big write's answer names hundreds of items, mostly by id alone.
			if (asksOnlyForId(info)) return { id: gid("InventoryItem", itemId) };
			return scope.loaders.item(itemId).then((item) => item && itemNode(item));
		},
		location: ({ locationId }: { locationId: string }, _: unknown, scope: Scope) => locationOf(scope, locationId),
	},
};

const asksOnlyForId = ({ fieldNodes }: GraphQLResolveInfo) =>
	fieldNodes.every(({ selectionSet }) =>
		selectionSet?.selections.every((selection) => selection.kind === "Field" && selection.name.value === "id"),
	);

const quantityNames = new Set([
	"available",
	"committed",
	"damaged",
	"incoming",
	"on_hand",
	"quality_control",
	"reserved",
	"safety_stock",
]);
const isQuantityName = (name: string) => quantityNames.has(name);
