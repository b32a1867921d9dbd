/** What is pasted wrong, on every platform: all of it is said at once, and only what can be right is tried at the store. */
import { beforeEach, expect, test, vi } from "vitest";
import type { Database } from "@/db/client";
import { type ConnectablePlatform, connectablePlatforms } from "@/lib/channels/registry";
import { type Context, systemContext } from "../context";
import { WrongFields } from "../errors";
import { connectStore } from "./connect-store";
import { connectWithKeys } from "./connect-with-keys";

vi.mock("./connect-store", () => ({ connectStore: vi.fn(async () => ({ result: "failed", checks: [] })) }));
beforeEach(() => vi.mocked(connectStore).mockClear());

// Nothing is read or written before the store has been tried.
const ctx: Context = systemContext("merchant", {} as Database);

const amazon = {
	marketplaceId: "A1PA6795UKMFR9",
	sellerId: "A3TH9S8BH6GOGM",
	clientId: "amzn1.application-oa2-client.0123456789abcdef",
	clientSecret: "amzn1.oa2-cs.v1.secret",
	refreshToken: "Atzr|token",
};

type Form = {
	address: string;
	right: Record<string, string>;
	/** In the place of some that are right, or beside them: each is wrong. */
	wrong: Record<string, string>;
};

const forms: Record<ConnectablePlatform, Form> = {
	shopify: {
		address: "nordlicht",
		right: { accessToken: "shpat_1" },
		wrong: { accessToken: "", apiSecret: "shpat_1" },
	},
	woocommerce: {
		address: "shop.example.com",
		right: { consumerKey: "ck_1", consumerSecret: "cs_1" },
		wrong: { consumerKey: "abc", consumerSecret: "" },
	},
	bigcommerce: {
		address: "abc123",
		right: { accessToken: "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p" },
		wrong: { accessToken: "https://api.bigcommerce.com/stores/abc123/v3/" },
	},
	amazon: {
		address: "amazon.de",
		right: amazon,
		wrong: { marketplaceId: "DE", sellerId: "", refreshToken: "Atza|token" },
	},
	magento: {
		address: "shop.example.com",
		right: { accessToken: "c".repeat(32) },
		wrong: { consumerKey: "short", consumerSecret: "", accessToken: "", accessTokenSecret: "" },
	},
	square: {
		address: "",
		right: { accessToken: `EAAA${"x".repeat(60)}` },
		wrong: { accessToken: "sq0idp-abc", personalToken: "sq0csp-abc" },
	},
	api2cart: {
		address: "",
		right: { accountKey: "1234abcd", storeKey: "ab37fc230bc5df63a5be1b11220949be" },
		wrong: { accountKey: "", storeKey: "abcd" },
	},
};

test.each(connectablePlatforms)(
	"%s: all that is wrong is said at once, and the store is not asked",
	async (platform) => {
		const { right, wrong } = forms[platform];
		const input = { platform, address: "http://[", fields: { ...right, ...wrong } };
		const thrown = await connectWithKeys(ctx, input).catch((error: unknown) => error);
		if (!(thrown instanceof WrongFields)) throw thrown;
		// In the order of the form: its first is where the person goes on.
		expect(Object.keys(thrown.fields)).toEqual(["address", ...Object.keys(wrong)]);
		expect(connectStore).not.toHaveBeenCalled();
	},
);

test.each(connectablePlatforms)("%s: what can be right is tried at the store", async (platform) => {
	const { address, right } = forms[platform];
	await connectWithKeys(ctx, { platform, address, fields: right });
	expect(connectStore).toHaveBeenCalledWith(ctx, expect.objectContaining({ access: expect.objectContaining(right) }));
});

test("of a channel's new secret nothing else is missed, and what can be no secret is not tried", async () => {
	const paste = (clientSecret: string) =>
		connectWithKeys(ctx, { platform: "amazon", way: "secret", again: "channel", fields: { clientSecret } });
	await expect(paste("")).rejects.toThrow(/^“LWA client secret” is empty: paste it here\.$/);
	await expect(paste(amazon.clientId)).rejects.toMatchObject({ reason: "identifier_as_secret" });
});
