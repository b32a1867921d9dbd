import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EnvironmentError, readEnv } from "./env";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(path.join(tmpdir(), "onecount-env-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const read = (source: Record<string, string> = {}) =>
	readEnv({ ONECOUNT_STATE_DIR: path.join(dir, "state"), ...source });
const secretsFile = () => path.join(dir, "state", "secrets.json");

describe("with nothing set", () => {
	it("everything is local, and nothing dangerous is on", () => {
		expect(read()).toMatchObject({
			publicUrl: null,
			port: 3000,
			databaseUrl: null,
			inngest: { kind: "embedded" },
			sandbox: false,
			allowPrivateAddresses: false,
			hostApps: {},
		});
	});

	it("secrets are made once, kept, and readable by their owner only", () => {
		const first = read();
		expect(first.sealingKeys[0]?.key).toHaveLength(32);
		expect(first.authSecret.length).toBeGreaterThanOrEqual(32);
		expect(first.inngestSigningKey).toMatch(/^signkey-local-[0-9a-f]{64}$/);
		expect(statSync(secretsFile()).mode & 0o777).toBe(0o600);
		expect(read()).toEqual(first);
	});

	it("two installations share no secret", () => {
		const [one, other] = [read(), read({ ONECOUNT_STATE_DIR: path.join(dir, "other") })];
		expect(one.authSecret).not.toBe(other.authSecret);
		expect(one.sealingKeys[0]?.key.equals(other.sealingKeys[0]?.key ?? Buffer.alloc(0))).toBe(false);
	});
});

it("a host that sets every secret gets no file of secrets", () => {
	read({
		ONECOUNT_KEYS: `k1:${Buffer.alloc(32, 1).toString("base64")}`,
		AUTH_SECRET: "a-secret-of-the-host",
		INNGEST_EVENT_KEY: "event",
		INNGEST_SIGNING_KEY: "signkey-prod-00",
	});
	expect(() => readFileSync(secretsFile())).toThrow("ENOENT");
});

it("an app of the host is read whole, platform by platform", () => {
	const { hostApps } = read({
		SQUARE_CLIENT_ID: "sq0idp-1",
		SQUARE_CLIENT_SECRET: "sq0csp-1",
		AMAZON_CLIENT_ID: "amzn1.client",
		AMAZON_CLIENT_SECRET: "amzn1.secret",
		AMAZON_APPLICATION_ID: "amzn1.sp.solution.1",
	});
	expect(hostApps).toEqual({
		square: { clientId: "sq0idp-1", clientSecret: "sq0csp-1" },
		amazon: { clientId: "amzn1.sp.solution.1/amzn1.client", clientSecret: "amzn1.secret" },
	});
});

it("keys that seal are read current first", () => {
	const [current, previous] = [Buffer.alloc(32, 2), Buffer.alloc(32, 1)];
	const text = `k2:${current.toString("base64")},k1:${previous.toString("base64")}`;
	expect(read({ ONECOUNT_KEYS: text }).sealingKeys).toEqual([
		{ id: "k2", key: current },
		{ id: "k1", key: previous },
	]);
});

it("addresses lose their trailing slashes", () => {
	expect(read({ ONECOUNT_URL: "https://stock.example.com//" }).publicUrl).toBe("https://stock.example.com");
});

describe("Inngest", () => {
	const keys = { INNGEST_EVENT_KEY: "event", INNGEST_SIGNING_KEY: "signkey-prod-00" };

	it.each([
		["keys alone mean its cloud", keys, { kind: "cloud" }],
		[
			"keys and an address mean a server of one's own",
			{ ...keys, INNGEST_BASE_URL: "http://inngest:8288" },
			{ kind: "server", baseUrl: "http://inngest:8288" },
		],
		["its dev server is for development", { INNGEST_DEV: "1" }, { kind: "dev", baseUrl: null }],
		[
			"its dev server may be elsewhere",
			{ INNGEST_DEV: "http://dev:8288" },
			{ kind: "dev", baseUrl: "http://dev:8288" },
		],
		["switched off, its dev server does not count", { INNGEST_DEV: "0" }, { kind: "embedded" }],
	])("%s", (_, source, backend) => {
		expect(read(source as Record<string, string>).inngest).toEqual(backend);
	});

	it("a half-set server gets no generated key in place of the missing one", () => {
		expect(() => read({ INNGEST_EVENT_KEY: "event" })).toThrow(EnvironmentError);
		expect(() => read({ INNGEST_SIGNING_KEY: "signkey-prod-00" })).toThrow(EnvironmentError);
		expect(() => read({ INNGEST_BASE_URL: "http://inngest:8288" })).toThrow(EnvironmentError);
	});
});

describe("a variable that cannot be used is one sentence that names it and says what to do", () => {
	it.each([
		["PORT", { PORT: "http" }, "a number from 1 to 65535"],
		["PORT", { PORT: "70000" }, "a number from 1 to 65535"],
		["DATABASE_URL", { DATABASE_URL: "mysql://db" }, "unset it to use the embedded server"],
		["ONECOUNT_URL", { ONECOUNT_URL: "stock.example.com" }, "https://stock.example.com"],
		["ONECOUNT_URL", { ONECOUNT_URL: "ftp://stock.example.com" }, "which is not an address"],
		["ONECOUNT_SANDBOX", { ONECOUNT_SANDBOX: "maybe" }, '"on" or "off"'],
		["ONECOUNT_KEYS", { ONECOUNT_KEYS: "k1:dG9vIHNob3J0" }, "openssl rand -base64 32"],
		["INNGEST_SIGNING_KEY", { INNGEST_EVENT_KEY: "event" }, "unset all INNGEST_ variables"],
		["INNGEST_EVENT_KEY", { INNGEST_SIGNING_KEY: "signkey-prod-00" }, "unset all INNGEST_ variables"],
		["INNGEST_DEV", { INNGEST_DEV: "1", NODE_ENV: "production" }, "unset it"],
		["SHOPIFY_CLIENT_SECRET", { SHOPIFY_CLIENT_ID: "id" }, "set all of them or none"],
		["SHOPIFY_CLIENT_ID", { SHOPIFY_CLIENT_SECRET: "secret" }, "set all of them or none"],
		["BIGCOMMERCE_CLIENT_SECRET", { BIGCOMMERCE_CLIENT_ID: "id" }, "Developer Portal"],
		["AMAZON_APPLICATION_ID", { AMAZON_CLIENT_ID: "id", AMAZON_CLIENT_SECRET: "secret" }, "Seller Central"],
		["AMAZON_CLIENT_SECRET and AMAZON_APPLICATION_ID", { AMAZON_CLIENT_ID: "id" }, "set all of them or none"],
		["SQUARE_CLIENT_ID", { SQUARE_CLIENT_SECRET: "secret" }, "Square's Developer Console"],
	])("%s from %j", (name, source, advice) => {
		let sentence = "";
		try {
			read(source as Record<string, string>);
		} catch (error) {
			expect(error).toBeInstanceOf(EnvironmentError);
			sentence = (error as Error).message;
		}
		expect(sentence.startsWith(name)).toBe(true);
		expect(sentence).toContain(advice);
		expect(sentence).toMatch(/\.$/);
		expect(sentence).not.toMatch(/\n|!/);
	});

	it("and never repeats a secret", () => {
		const secret = "hunter2-hunter2";
		const refusal = expect.objectContaining({ message: expect.not.stringContaining(secret) });
		expect(() => read({ ONECOUNT_KEYS: `k1:${secret}` })).toThrow(refusal);
		expect(() => read({ DATABASE_URL: `mysql://me:${secret}@db` })).toThrow(refusal);
	});
});
