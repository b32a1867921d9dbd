/** For tests: an Amazon sandbox account whose delays are none unless a test sets them, and a client of its API. */
import type { Knobs } from "@/db/schema";
import type { SandboxStore, SeedProduct } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { createSandboxStore, sandboxKeys } from "../stores";
import { ask, askJson, type Reply } from "../testing/ask";
import type { AmazonSettings } from "./settings";
import { grantlessScopes, type TokenKind } from "./token-kinds";

/** Nothing takes time and nothing is left to chance. */
export const promptSettings: Partial<AmazonSettings> = {
	effectMedianMs: 0,
	neverAppliedRate: 0,
	pendingMs: 0,
	ordersLagMs: 0,
	feedMs: 0,
	reportLagMs: 0,
	newsMedianMs: 0,
	newsLossRate: 0,
	newsTwiceRate: 0,
	rateHeaderShare: 1,
};

export type TestAccount = {
	store: SandboxStore;
	baseUrl: string;
	keys: Record<string, string>;
	/** With a token of its own for the seller, or for the app; by the keys that it was made with. */
	call(method: string, path: string, body?: unknown, as?: TokenKind): Promise<Reply>;
	token(as?: TokenKind): Promise<string>;
	/** Any address, with nothing added. */
	fetch(url: string, init?: RequestInit): Promise<Reply>;
};

export async function openTestAccount(
	sandbox: Pick<SandboxServer, "ctx">,
	options: { products?: SeedProduct[]; settings?: Partial<AmazonSettings>; knobs?: Partial<Knobs> } = {},
): Promise<TestAccount> {
	const store = await createSandboxStore(sandbox.ctx, {
		platform: "amazon",
		name: "Test Account",
		settings: { ...promptSettings, ...options.settings },
		products: options.products,
		knobs: options.knobs,
	});
	const { baseUrl, access: keys } = await sandboxKeys(sandbox.ctx, store.id);
	const token = async (as: TokenKind = "seller") => {
		const scope = Object.keys(grantlessScopes).find((one) => grantlessScopes[one] === as);
		const grant: Record<string, string> = scope
			? { grant_type: "client_credentials", scope }
			: { grant_type: "refresh_token", refresh_token: keys.refreshToken ?? "" };
		const body = new URLSearchParams({
			...grant,
			client_id: keys.clientId ?? "",
			client_secret: keys.clientSecret ?? "",
		});
		return (await ask(`${baseUrl}/auth/o2/token`, { method: "POST", body })).body.access_token as string;
	};
	return {
		store,
		baseUrl,
		keys,
		token,
		async call(method, path, body, as) {
			const headers = { "x-amz-access-token": await token(as), "user-agent": "Test/1.0 (Language=TypeScript)" };
			return askJson(method, `${baseUrl}${path}`, headers, body);
		},
		fetch: ask,
	};
}
