/** What lies behind API2Cart, in words that it translates from. A view reads one kind of sandbox store. */
import type { Executor } from "@/db/client";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../../sandbox-platform";

/** A store that is looked into. `db`: the caller's transaction, or the context's. */
export type Shelf = {
	ctx: SandboxContext;
	db: Executor;
	store: SandboxStore;
	platform: SandboxPlatform;
	/** The account that stands in front of it. */
	accountId: string;
};

/** A number that can be written, in the row that holds it. */
export type StockRow = { rowId: string; warehouseId: string | null; quantity: number };

export type ShopItem = {
	id: string;
	sku: string | null;
	name: string;
	price: string | null;
	gtin: string | null;
	isManaged: boolean;
	stock: StockRow[];
	allowsBackorders: boolean;
	isForSale: boolean;
	createdAt: string;
	modifiedAt: string;
};
export type ShopChild = ShopItem & { options: { name: string; value: string }[] };
export type ShopProduct = ShopItem & { children: ShopChild[] };

export type ShopLine = {
	id: string;
	productId: string | null;
	variantId: string | null;
	sku: string | null;
	name: string;
	quantity: number;
	price: number;
};
export type ShopOrder = {
	id: string;
	number: string;
	statusId: string;
	createdAt: string;
	modifiedAt: string;
	lines: ShopLine[];
	refunds: { id: string; at: string; total: number; items: { lineId: string; quantity: number; amount: number }[] }[];
};

export type ProductFilter = {
	ids?: readonly string[];
	/** `ids` may also be SKUs. */
	alsoBySku?: boolean;
	skus?: readonly string[];
	modifiedFrom?: Date | null;
	modifiedTo?: Date | null;
};
export type OrderFilter = {
	ids?: readonly string[];
	statusIds?: readonly string[];
	createdFrom?: Date | null;
	createdTo?: Date | null;
	modifiedFrom?: Date | null;
	modifiedTo?: Date | null;
};
/** Rows in the order of their ids. */
export type Slice = { offset: number; limit: number };

/** What moved within a window, its beginning left out. */
export type Moved = {
	orders: { id: string; isNew: boolean }[];
	products: { id: string; isNew: boolean }[];
	children: { id: string; productId: string }[];
};

export type Warehouse = { id: string; name: string; isDefault: boolean };
export type Status = { id: string; name: string };

export type CartView = {
	/** API2Cart's name of such a cart. */
	cartId: string;
	version: string;
	/** Names of the credentials that account.cart.add takes for it. */
	credentials: { required: string[][]; additional: string[] };
	/** Whether these credentials open the store. */
	opens(store: SandboxStore, given: Record<string, unknown>): boolean;
	statuses: Status[];
	cancelledStatus: string;
	warehouses(shelf: Shelf): Promise<Warehouse[]>;
	products(shelf: Shelf, filter: ProductFilter, slice: Slice): Promise<ShopProduct[]>;
	countProducts(shelf: Shelf, filter: ProductFilter): Promise<number>;
	orders(shelf: Shelf, filter: OrderFilter, slice: Slice): Promise<ShopOrder[]>;
	moved(shelf: Shelf, from: Date, to: Date): Promise<Moved>;
	/** Null: the numbers are rows, and are written there. */
	change: ((shelf: Shelf, rowId: string, to: number) => Promise<void>) | null;
	/** True: what becomes of orders is noted by the account, since the store's own records can't be read. */
	notesOrders: boolean;
};
