/**
 * The environment, read once and named for its reader: a missing or half-set variable is one sentence that says what
 * it is for, what form it has and how to get one. With nothing set, everything is local and generated.
 */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { wordList } from "./format/list";

export class EnvironmentError extends Error {
	override name = "EnvironmentError";
}

export type InngestBackend =
	| { kind: "embedded" }
	| { kind: "server"; baseUrl: string }
	| { kind: "dev"; baseUrl: string | null }
	| { kind: "cloud" };

export type Env = {
	/** Where the app is reached by browsers; without it, the address it listens on. */
	publicUrl: string | null;
	port: number;
	/** Null: the embedded server. */
	databaseUrl: string | null;
	/** Keys that seal credentials, current first: `{ id, key (32 bytes) }`. */
	sealingKeys: { id: string; key: Buffer }[];
	authSecret: string;
	inngest: InngestBackend;
	inngestSigningKey: string;
	inngestEventKey: string;
	/** Sandbox stores exist and their loopback addresses may be called. */
	sandbox: boolean;
	/** Merchants who host their store beside Onecount: private and loopback addresses may be called. */
	allowPrivateAddresses: boolean;
	/** Apps of this host that merchants agree to by OAuth. Without one, merchants bring their own or paste keys. */
	hostApps: Partial<Record<HostAppPlatform, HostApp>>;
};

export type HostApp = { clientId: string; clientSecret: string };

/** Platforms that let a host's app in, where it is made there, and whether its consent page knows it by another id than its login. */
const hostAppPlatforms = {
	shopify: { where: "Shopify's developer dashboard → your app → Settings", hasTwoIds: false },
	bigcommerce: { where: "BigCommerce's Developer Portal → My Apps → your app → View Client ID", hasTwoIds: false },
	amazon: {
		where: "Seller Central → Apps and Services → Develop Apps → your app → LWA credentials",
		hasTwoIds: true,
	},
	square: {
		where: "Square's Developer Console → your application → OAuth: application id and secret",
		hasTwoIds: false,
	},
} as const satisfies Record<string, { where: string; hasTwoIds: boolean }>;

export type HostAppPlatform = keyof typeof hostAppPlatforms;

export const hasHostApps = (platform: string): platform is HostAppPlatform => Object.hasOwn(hostAppPlatforms, platform);

/** The variables of a platform's app, e.g. `SQUARE_CLIENT_ID` and `SQUARE_CLIENT_SECRET`. */
export const hostAppVariables = (platform: HostAppPlatform): string[] =>
	["CLIENT_ID", "CLIENT_SECRET", ...(hostAppPlatforms[platform].hasTwoIds ? ["APPLICATION_ID"] : [])].map(
		(part) => `${platform.toUpperCase()}_${part}`,
	);

/** An app with two ids carries both as one: `<application id>/<client id>`. */
export const joinedIds = (clientId: string, applicationId?: string): string =>
	applicationId ? `${applicationId}/${clientId}` : clientId;

type Source = Record<string, string | undefined>;

/** The folder that holds what a local installation generates: secrets, the embedded database. */
export const stateDir = (source: Source = process.env) =>
	path.resolve(/*turbopackIgnore: true*/ source.ONECOUNT_STATE_DIR ?? ".onecount");

export function readEnv(source: Source = process.env): Env {
	const local = localSecrets(source);
	const inngest = readInngest(source);
	return {
		publicUrl: readUrl(source, "ONECOUNT_URL", "the address under which stores and browsers reach Onecount"),
		port: readPort(source),
		databaseUrl: readDatabaseUrl(source),
		sealingKeys: readSealingKeys(source.ONECOUNT_KEYS ?? local().sealingKeys),
		authSecret: source.AUTH_SECRET ?? local().authSecret,
		inngest,
		inngestSigningKey: source.INNGEST_SIGNING_KEY ?? (inngest.kind === "embedded" ? local().inngestSigningKey : ""),
		inngestEventKey: source.INNGEST_EVENT_KEY ?? (inngest.kind === "embedded" ? local().inngestEventKey : ""),
		sandbox: readSwitch(source, "ONECOUNT_SANDBOX"),
		allowPrivateAddresses: readSwitch(source, "ONECOUNT_ALLOW_PRIVATE_ADDRESSES"),
		hostApps: readHostApps(source),
	};
}

let cached: Env | undefined;
export function env(): Env {
	cached ??= readEnv();
	return cached;
}

function readInngest(source: Source): InngestBackend {
	const {
		INNGEST_BASE_URL: baseUrl,
		INNGEST_SIGNING_KEY: signing,
		INNGEST_EVENT_KEY: event,
		INNGEST_DEV: dev,
	} = source;
	if (dev && dev !== "0" && dev !== "false") {
		if (source.NODE_ENV === "production")
			throw new EnvironmentError(
				"INNGEST_DEV is set in production, where it would run unsigned calls; unset it, or set INNGEST_BASE_URL, INNGEST_SIGNING_KEY and INNGEST_EVENT_KEY of your Inngest server.",
			);
		return { kind: "dev", baseUrl: baseUrl ?? (dev.startsWith("http") ? dev : null) };
	}
	if (!baseUrl && !signing && !event) return { kind: "embedded" };
	if (!signing)
		throw new EnvironmentError(
			`INNGEST_SIGNING_KEY is missing although ${baseUrl ? "INNGEST_BASE_URL" : "INNGEST_EVENT_KEY"} is set: it proves that calls come from your Inngest server (form signkey-prod-…, from the server's --signing-key or the Inngest dashboard); set it, or unset all INNGEST_ variables to use the embedded engine.`,
		);
	if (!event)
		throw new EnvironmentError(
			`INNGEST_EVENT_KEY is missing although ${baseUrl ? "INNGEST_BASE_URL" : "INNGEST_SIGNING_KEY"} is set: it lets Onecount send events to your Inngest server (from the server's --event-key or the Inngest dashboard); set it, or unset all INNGEST_ variables to use the embedded engine.`,
		);
	return baseUrl ? { kind: "server", baseUrl } : { kind: "cloud" };
}

function readHostApps(source: Source): Env["hostApps"] {
	const platforms = Object.keys(hostAppPlatforms) as HostAppPlatform[];
	return Object.fromEntries(
		platforms.flatMap((platform) => {
			const app = readHostApp(source, platform);
			return app ? [[platform, app]] : [];
		}),
	);
}

function readHostApp(source: Source, platform: HostAppPlatform): HostApp | null {
	const variables = hostAppVariables(platform);
	const isSet = (name: string) => Boolean(source[name]);
	const missing = variables.filter((name) => !isSet(name));
	if (missing.length === variables.length) return null;
	if (missing.length > 0)
		throw new EnvironmentError(
			`${areWords(missing)} missing although ${areWords(variables.filter(isSet))} set: together they name the app that merchants let in (${hostAppPlatforms[platform].where}); set all of them or none.`,
		);
	const [clientId = "", clientSecret = "", applicationId] = variables.map((name) => source[name] ?? "");
	return { clientId: joinedIds(clientId, applicationId), clientSecret };
}

const areWords = (names: readonly string[]) => `${wordList(names)} ${names.length === 1 ? "is" : "are"}`;

function readUrl(source: Source, name: string, purpose: string): string | null {
	const value = source[name];
	if (!value) return null;
	try {
		const url = new URL(value);
		if (url.protocol === "http:" || url.protocol === "https:") return value.replace(/\/+$/, "");
	} catch {}
	throw new EnvironmentError(
		`${name} is "${value}", which is not an address: it is ${purpose}, e.g. https://stock.example.com.`,
	);
}

function readDatabaseUrl(source: Source): string | null {
	const value = source.DATABASE_URL;
	if (!value) return null;
	if (!/^postgres(ql)?:\/\//.test(value))
		throw new EnvironmentError(
			"DATABASE_URL is not a Postgres address: it names the database (15 or newer), in the form postgres://user:password@host:5432/name; unset it to use the embedded server.",
		);
	return value;
}

function readPort(source: Source): number {
	const value = source.PORT ?? "3000";
	const port = Number(value);
	if (Number.isInteger(port) && port > 0 && port < 65536) return port;
	throw new EnvironmentError(`PORT is "${value}": it is the TCP port to listen on, a number from 1 to 65535.`);
}

function readSwitch(source: Source, name: string): boolean {
	const value = source[name]?.toLowerCase();
	if (!value || ["0", "off", "false", "no"].includes(value)) return false;
	if (["1", "on", "true", "yes"].includes(value)) return true;
	throw new EnvironmentError(`${name} is "${source[name]}": it is a switch, "on" or "off".`);
}

/** `id:base64,id:base64`, current first. */
function readSealingKeys(text: string): Env["sealingKeys"] {
	return text.split(",").map((part) => {
		const [id, encoded] = part.split(":");
		const key = Buffer.from(encoded ?? "", "base64");
		if (!id || key.length !== 32)
			throw new EnvironmentError(
				'ONECOUNT_KEYS is not readable: it holds the keys that seal store credentials, current first, as "id:base64,id:base64" with 32 bytes each (make one with: openssl rand -base64 32).',
			);
		return { id, key };
	});
}

type LocalSecrets = { sealingKeys: string; authSecret: string; inngestSigningKey: string; inngestEventKey: string };

/** Secrets of a local installation, made once and kept readable by its owner only. Lazy: a fully configured host writes nothing. */
function localSecrets(source: Source): () => LocalSecrets {
	let secrets: LocalSecrets | undefined;
	return () => {
		if (secrets) return secrets;
		const file = path.join(stateDir(source), "secrets.json");
		if (!existsSync(file)) {
			mkdirSync(path.dirname(file), { recursive: true });
			const made: LocalSecrets = {
				sealingKeys: `k1:${randomBytes(32).toString("base64")}`,
				authSecret: randomBytes(32).toString("base64url"),
				inngestSigningKey: `signkey-local-${randomBytes(32).toString("hex")}`,
				inngestEventKey: randomBytes(24).toString("base64url"),
			};
			// "wx": two processes that start at once must not each keep their own.
			try {
				writeFileSync(file, JSON.stringify(made, null, "\t"), { mode: 0o600, flag: "wx" });
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
			}
		}
		secrets = JSON.parse(readFileSync(file, "utf8")) as LocalSecrets;
		return secrets;
	};
}
