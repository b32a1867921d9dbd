/** For tests: a sandbox account of Square, the connection to it, and everything that went over the wire, whole. */
import { sql } from "drizzle-orm";
import { findStore, forgetStore } from "@/lib/sandbox/context";
import type { SandboxStore, SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { createSandboxStore, sandboxKeys } from "@/lib/sandbox/stores";
import type { TestSandbox } from "@/lib/sandbox/testing";
import { product } from "@/lib/sandbox/testing/seeds";
import type { Connection } from "../../channel-adapter";
import type { HttpReply, HttpRequest } from "../../http";
import type { WriteRow } from "../../listing";
import { connectionsTo } from "../../testing/connection";
import { readAll } from "../../testing/read-all";
import { square } from "../adapter";

export type Sent = { request: HttpRequest; reply: HttpReply };

export type Account = Awaited<ReturnType<typeof openAccount>>;

export async function openAccount(
	sandbox: TestSandbox,
	options: { products?: SeedProduct[]; settings?: Record<string, unknown> } = {},
) {
	const { ctx } = sandbox;
	const made = await createSandboxStore(ctx, {
		platform: "square",
		name: "Corner Shop",
		products: options.products ?? [product("MUG", 5)],
		settings: { deliveryDelayMs: 0, ...options.settings },
	});
	const { baseUrl, access: keys } = await sandboxKeys(ctx, made.id);
	const sent: Sent[] = [];
	const connectWith = connectionsTo({
		baseUrl,
		now: sandbox.now,
		locationRef: made.secrets.locationId ?? "",
		facts: { merchantId: made.secrets.merchantId },
	});
	const connectionWith = (access: Record<string, string>): Connection => {
		const connection = connectWith(access);
		const { exchanges, send } = connection.http;
		const record = async (request: HttpRequest) => {
			const reply = await send(request);
			sent.push({ request, reply });
			return reply;
		};
		return { ...connection, http: { exchanges, send: record } };
	};
	const connection = connectionWith({ accessToken: keys.accessToken ?? "" });
	const listings = () => readAll((page) => square.listListings(connection, null, page));
	return {
		ctx,
		store: made,
		keys,
		app: { clientId: keys.clientId ?? "", clientSecret: keys.clientSecret ?? "" },
		connection,
		connectionWith,
		sent,
		/** As it stands now. */
		async now(): Promise<SandboxStore> {
			const store = await findStore(ctx.db, made.id);
			if (!store) throw new Error("The account is gone.");
			return store;
		},
		async set(settings: Record<string, unknown>) {
			await ctx.db.execute(
				sql`update sandbox.stores set settings = settings || ${JSON.stringify(settings)}::jsonb where id = ${made.id}`,
			);
			forgetStore(ctx.db, made.id);
		},
		/** What only a person in the dashboard could have set. */
		mark: (sku: string, data: Record<string, unknown>) =>
			ctx.db.execute(sql`
				update sandbox.items set data = data || ${JSON.stringify(data)}::jsonb where store_id = ${made.id} and sku = ${sku}`),
		listings,
		async row(sku: string, quantity: number, expected: number): Promise<WriteRow> {
			const listing = (await listings()).find((one) => one.sku === sku);
			if (!listing) throw new Error(`There is no ${sku}.`);
			return { externalKey: listing.externalKey, ids: listing.ids, quantity, expected };
		},
		async level(sku: string) {
			const all = (await listings()).filter((one) => one.sku === sku);
			return (await square.readLevels(connection, all))[0]?.quantity;
		},
		write: (rows: WriteRow[], key: string = crypto.randomUUID()) => square.writeQuantities(connection, rows, key),
	};
}
