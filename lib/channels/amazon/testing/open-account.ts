/** For tests: a sandbox account, and a connection to it that nobody has asked anything through. */
import type { AmazonSettings } from "@/lib/sandbox/amazon/settings";
import { openTestAccount } from "@/lib/sandbox/amazon/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { setStoreSettings } from "@/lib/sandbox/stores";
import type { TestSandbox } from "@/lib/sandbox/testing";
import { handsOn } from "@/lib/sandbox/testing/hands";
import { cup, loose, tee } from "@/lib/sandbox/testing/seeds";
import type { WriteRow } from "../../listing";
import { connectionsTo } from "../../testing/connection";
import { readAll } from "../../testing/read-all";
import { amazon } from "..";

const catalogue: SeedProduct[] = [
	cup,
	loose,
	{ ...tee, variants: tee.variants.map((one) => ({ ...one, options: `${one.options} / Blue` })) },
];

export type Account = Awaited<ReturnType<typeof openAccount>>;

export type Options = { products?: SeedProduct[]; settings?: Partial<AmazonSettings> };

export async function openAccount(sandbox: TestSandbox, { products = catalogue, settings }: Options = {}) {
	const account = await openTestAccount(sandbox, { products, settings });
	const { buy, showsAll } = handsOn(sandbox, account.store.id);
	const connectWith = connectionsTo({
		baseUrl: account.baseUrl,
		now: sandbox.now,
		facts: { marketplaceIds: ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"] },
	});
	const connection = connectWith({ ...account.keys });
	return {
		...account,
		connection,
		connectWith,
		row: (sku: string, quantity: number, expected = 0): WriteRow => ({
			externalKey: sku,
			ids: { productId: sku },
			quantity,
			expected,
		}),
		list: () => readAll((page) => amazon.listListings(connection, null, page)),
		write: (rows: WriteRow[], as = connection) => amazon.writeQuantities(as, rows, "key"),
		level: async (sku: string) =>
			(await amazon.readLevels(connection, [{ externalKey: sku, ids: { productId: sku } }]))[0]?.quantity,
		set: (changes: Partial<AmazonSettings>) => setStoreSettings(sandbox.ctx, account.store.id, changes),
		buy,
		shows: showsAll,
	};
}
