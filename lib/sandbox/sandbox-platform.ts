/**
 * A sandbox platform: a store that speaks one platform's real wire protocol over HTTP, with the platform's own
 * behaviour. It knows nothing of Onecount; Onecount talks to it as to the real one.
 */
import type { InferSelectModel } from "drizzle-orm";
import type { Database } from "@/db/client";
import type { Platform, sandboxStores } from "@/db/schema";

export type SandboxStore = InferSelectModel<typeof sandboxStores>;

/** `origin`: how this process is reached, e.g. `http://127.0.0.1:3000`; the store's base URL is `${origin}/sandbox/<platform>/<id>`. */
export type SandboxContext = { db: Database; origin: string; now: () => Date; random: () => number };

/** A product to seed, with what makes real catalogues awkward left to the caller. */
export type SeedProduct = {
	title: string;
	variants: {
		sku: string;
		gtin: string | null;
		options: string | null;
		price: string;
		/** Null: the store keeps no count for it. */
		quantity: number | null;
	}[];
	/** Variants share one pool (WooCommerce: stock at the parent). Platforms without such a thing ignore it. */
	sharedPool?: boolean;
};

/** What a real merchant would copy out of the store's admin: enough to connect in each way that the platform offers. */
export type SandboxKeys = { baseUrl: string; access: Record<string, string>; webhookSecret: string | null };

/** `pool`: what it shows is one stock with everything of the same pool (WooCommerce: the product's); absent: it is its own. */
export type ShownItem = { sku: string; title: string; quantity: number | null; pool?: string };

/** `refused`: the buyer saw the platform's own refusal. */
export type CheckoutResult =
	| { result: "placed"; orderId: string; number: string }
	| { result: "refused"; code: string; message: string };

/** How a checkout ends: with the money, without it, or with a promise that a person must see kept (a transfer, a cheque). */
export type Payment = "paid" | "unpaid" | "awaited";

/** What the owner of a store does to an order in its admin, beside what has a hand of its own. */
export type OwnersStep = "pay" | "fail_payment" | "set_unpaid" | "ship" | "mark_refunded" | "trash" | "delete";

/** What the keys that a store hands out may do from now on: read and not write, or nothing, as after their removal. */
export type Restriction = "reading" | "nothing";

export type FailureKind = "error" | "outage" | "throttled";

export type DeliveryRules = { connectTimeoutMs: number; totalTimeoutMs: number; isDelivered(status: number): boolean };

export type SandboxPlatform = {
	platform: Platform;
	label: string;
	/** Answers one request under the store's address; `path` starts behind the store id, without query. Knobs are already applied by the caller. */
	handle(ctx: SandboxContext, store: SandboxStore, request: Request, path: string): Promise<Response>;
	/** Secrets and settings of a new store. */
	make(random: () => number): { secrets: Record<string, string>; settings: Record<string, unknown> };
	keys(ctx: SandboxContext, store: SandboxStore): SandboxKeys;
	seed(ctx: SandboxContext, store: SandboxStore, products: SeedProduct[]): Promise<void>;
	/** A buyer's checkout, with the platform's own stock check, decrement and news. `payment` absent: paid. */
	checkout(
		ctx: SandboxContext,
		store: SandboxStore,
		lines: { sku: string; quantity: number }[],
		payment?: Payment,
	): Promise<CheckoutResult>;
	cancel(ctx: SandboxContext, store: SandboxStore, orderId: string, restock: boolean): Promise<void>;
	refund(
		ctx: SandboxContext,
		store: SandboxStore,
		orderId: string,
		lines: { sku: string; quantity: number }[],
		/** `elsewhere`: at another location than they were sold from, where the platform has several. */
		restock: boolean | "elsewhere",
	): Promise<void>;
	/** One edit: changes what is ordered of each SKU; 0 removes its line, and one that is not ordered yet becomes a line. */
	edit(
		ctx: SandboxContext,
		store: SandboxStore,
		orderId: string,
		lines: readonly { sku: string; quantity: number }[],
	): Promise<void>;
	/** Somebody types a number in the store's own admin. */
	setQuantity(ctx: SandboxContext, store: SandboxStore, sku: string, quantity: number): Promise<void>;
	/** What the store shows now, by its own truth. */
	quantities(ctx: SandboxContext, store: SandboxStore): Promise<ShownItem[]>;
	/** An order's status as its owner reads it, where it is kept as a number. */
	statusWord?(status: string): string;
	/** A step of an order's life that the owner takes. Steps that the platform does not know throw. */
	take?(ctx: SandboxContext, store: SandboxStore, orderId: string, step: OwnersStep): Promise<void>;
	/** The owner deletes the product that carries this SKU, past any trash. */
	remove?(ctx: SandboxContext, store: SandboxStore, sku: string): Promise<void>;
	/** The owner takes rights back from the keys that `keys` gives. */
	restrict?(ctx: SandboxContext, store: SandboxStore, to: Restriction): Promise<void>;
	/** The platform's own words for a trouble that a knob asks for; without it a bare 503, or 429 when throttled. */
	failure?(
		ctx: SandboxContext,
		store: SandboxStore,
		kind: FailureKind,
		request: Request,
		path: string,
	): Promise<Response>;
	/**
	 * Builds body and headers of a delivery when it leaves; null drops it (the resource is gone). `headers`: as queued. Where
	 * the address is signed, too, it stands in sandbox.webhooks.
	 */
	build(
		ctx: SandboxContext,
		store: SandboxStore,
		delivery: {
			webhookId: string;
			topic: string;
			resourceId: string;
			body: Buffer | null;
			headers: Record<string, string>;
			secret: string;
			id: number;
			attempt: number;
		},
	): Promise<{ body: Buffer; headers: Record<string, string> } | null>;
	/** How long the platform waits for a receiver, and which statuses it takes for a yes. Without it: 1 s, 5 s, any 2xx. */
	delivery?: DeliveryRules;
	/** When a delivery that failed `attempt` times goes again; null: never. */
	retryDelayMs(attempt: number, store: SandboxStore): number | null;
	/** What becomes of the webhook after so many failures in a row, the last of them this delivery's attempt number `attempt`. */
	afterFailures(failures: number, attempt: number): "keep" | "disable" | "delete";
	/** A delivery leaves this long after its cause on a good day. */
	deliveryDelayMs(ctx: SandboxContext, store: SandboxStore): number;
};
