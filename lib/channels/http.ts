/**
 * The one way out. Store addresses are typed by people, so every request is guarded: http(s) only, no port of another
 * service, no redirects followed, each resolved address checked and then used (no rebinding), IP literals checked too
 * (undici never looks those up), time and size capped. What went over the wire is kept for the log, with secrets removed.
 */
import dns from "node:dns";
import net from "node:net";
import { Agent, request as undiciRequest } from "undici";
import { ChannelError } from "./errors";
import { keptText } from "./kept-text";

export type HttpRequest = {
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	url: string;
	headers?: Record<string, string>;
	body?: string;
	timeoutMs?: number;
	/** A larger reply is `unreadable`; absent: 20 MB. */
	maxBytes?: number;
	/** Ends the wait for an answer; the request may have been done. */
	signal?: AbortSignal;
	/** What is said holds secrets that nobody knew before, such as a token: nothing of it is kept. */
	isSecret?: boolean;
	/** How the reply's bytes become text, where that is not UTF-8. May throw ChannelError. */
	decode?: (bytes: Buffer, headers: Record<string, string>) => string;
};

export type HttpReply = { status: number; headers: Record<string, string>; text: string; ms: number };

/** One request and its reply as they went over the wire, secrets removed, bodies shortened. */
export type Exchange = {
	at: string;
	method: string;
	url: string;
	status: number | null;
	request: string | null;
	response: string | null;
	ms: number;
};

export type HttpClient = {
	/** Throws ChannelError `forbidden_address`, `unreachable` (certainly not done) or `timeout` (maybe done). */
	send(request: HttpRequest): Promise<HttpReply>;
	/** Every exchange since the client was made. */
	readonly exchanges: readonly Exchange[];
	/** How far ahead of ours the clock of whoever answered is at the most, below zero when it is behind; null: no answer said what time it is there. */
	clockAheadMs?(): number | null;
};

const defaultTimeoutMs = 30_000;
const connectTimeoutMs = 5_000;
const defaultMaxBytes = 20_000_000;
const keptBodyChars = 4_000;

/**
 * Everything that is not a public unicast address (IANA special-purpose registries). A list for each family: in one, IPv4
 * addresses are held against the IPv6 rules too, as ::ffff:a.b.c.d.
 */
const forbidden = { ipv4: new net.BlockList(), ipv6: new net.BlockList() };
for (const [address, prefix] of [
	["0.0.0.0", 8],
	["10.0.0.0", 8],
	["100.64.0.0", 10],
	["127.0.0.0", 8],
	["169.254.0.0", 16],
	["172.16.0.0", 12],
	["192.0.0.0", 24],
	["192.0.2.0", 24],
	["192.88.99.0", 24],
	["192.168.0.0", 16],
	["198.18.0.0", 15],
	["198.51.100.0", 24],
	["203.0.113.0", 24],
	["224.0.0.0", 4],
	["240.0.0.0", 4],
] as const)
	forbidden.ipv4.addSubnet(address, prefix, "ipv4");
// Global unicast is 2000::/3 and nothing else: all that wraps an IPv4 address, is local or unassigned lies outside of it, or
// below.
for (const [address, prefix] of [
	["::", 3],
	["4000::", 2],
	["8000::", 1],
	["2001::", 23],
	["2001:db8::", 32],
	["2002::", 16],
	["3fff::", 20],
] as const)
	forbidden.ipv6.addSubnet(address, prefix, "ipv6");

export function isPublicAddress(address: string): boolean {
	const version = net.isIP(address);
	if (version === 0) return false;
	const family = version === 4 ? "ipv4" : "ipv6";
	return !forbidden[family].check(address, family);
}

/** Stores answer at the web's own ports or at one that anybody may open; the others below 1024 are other services'. */
export const isWebPort = (port: string) => port === "" || port === "80" || port === "443" || Number(port) >= 1024;

type LookupCallback = (error: Error | null, address?: string | dns.LookupAddress[], family?: number) => void;

function guardedLookup(hostname: string, options: dns.LookupOptions, callback: LookupCallback) {
	dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
		if (error) return callback(error);
		if (addresses.some(({ address }) => !isPublicAddress(address))) return callback(new ForbiddenAddress(hostname));
		const [first] = addresses;
		if (options.all || !first) return callback(null, addresses);
		callback(null, first.address, first.family);
	});
}

class ForbiddenAddress extends Error {
	constructor(readonly host: string) {
		super(`forbidden address: ${host}`);
	}
}

const guarded = new Agent({
	connect: { lookup: guardedLookup as never, timeout: connectTimeoutMs },
	headersTimeout: 0,
	bodyTimeout: 0,
	keepAliveTimeout: 10_000,
});
const open = new Agent({
	connect: { timeout: connectTimeoutMs },
	headersTimeout: 0,
	bodyTimeout: 0,
	keepAliveTimeout: 10_000,
});

/** `allowPrivate` is for sandbox stores and for hosts whose owner said so (env). `secrets` are cut out of what is kept. */
export function createHttpClient(options: { allowPrivate: boolean; secrets: readonly string[] }): HttpClient {
	const exchanges: Exchange[] = [];
	let clockAheadMs: number | null = null;
	const redact = redactor(options.secrets);
	const kept = (body: string) => keptText(redact(body).slice(0, keptBodyChars));

	async function send(request: HttpRequest): Promise<HttpReply> {
		const started = performance.now();
		const startedAt = Date.now();
		const exchange: Exchange = {
			at: new Date().toISOString(),
			method: request.method,
			url: redact(request.url),
			status: null,
			request: request.body === undefined || request.isSecret ? null : kept(request.body),
			response: null,
			ms: 0,
		};
		exchanges.push(exchange);
		try {
			const url = checkUrl(request.url, options.allowPrivate);
			const reply = await undiciRequest(url, {
				method: request.method,
				headers: { "user-agent": "Onecount/1", accept: "application/json", ...request.headers },
				body: request.body,
				dispatcher: options.allowPrivate ? open : guarded,
				signal: AbortSignal.any([
					AbortSignal.timeout(request.timeoutMs ?? defaultTimeoutMs),
					...(request.signal ? [request.signal] : []),
				]),
			});
			exchange.status = reply.statusCode;
			const headers = flatten(reply.headers);
			const aheadMs = mostAheadMs(headers.date, startedAt);
			if (aheadMs !== null) clockAheadMs = Math.min(aheadMs, clockAheadMs ?? aheadMs);
			const bytes = await readCapped(reply.body, request.maxBytes ?? defaultMaxBytes);
			const text = request.decode ? request.decode(bytes, headers) : bytes.toString("utf8");
			exchange.response = request.isSecret ? null : kept(text);
			return { status: reply.statusCode, headers, text, ms: performance.now() - started };
		} catch (error) {
			throw explain(error, request);
		} finally {
			exchange.ms = Math.round(performance.now() - started);
		}
	}

	return { send, exchanges, clockAheadMs: () => clockAheadMs };
}

/** By a `Date` header, which is cut to the second and was written after the request left. */
function mostAheadMs(date: string | undefined, startedAt: number): number | null {
	const at = Date.parse(date ?? "");
	return Number.isNaN(at) ? null : at + 1_000 - startedAt;
}

function checkUrl(text: string, allowPrivate: boolean): URL {
	let url: URL;
	try {
		url = new URL(text);
	} catch (cause) {
		throw new ChannelError("not_a_store", `"${text}" is not an address.`, {
			fix: "Type the store's address as in the browser, e.g. https://shop.example.com.",
			cause,
		});
	}
	const host = url.hostname.replace(/^\[|\]$/g, "");
	if (url.protocol !== "http:" && url.protocol !== "https:")
		throw new ChannelError("forbidden_address", "A store's address begins with https:// (or http://).", {
			fix: "Type the store's address as in the browser.",
		});
	if (url.username || url.password)
		throw new ChannelError("forbidden_address", "A store's address must not contain a user name or password.", {
			fix: "Remove everything before the @ sign.",
		});
	if (!allowPrivate && !isWebPort(url.port))
		throw new ChannelError("forbidden_address", `No store answers at port ${url.port}.`, {
			fix: "Type the store's address as in the browser.",
		});
	if (!allowPrivate && net.isIP(host) && !isPublicAddress(host)) throw new ForbiddenAddress(host);
	return url;
}

async function readCapped(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.length;
		if (size > maxBytes) throw new ChannelError("unreadable", "The store's answer is too large to read.");
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
	const result: Record<string, string> = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value !== undefined) result[name] = Array.isArray(value) ? value.join(", ") : value;
	}
	return result;
}

function explain(error: unknown, request: HttpRequest): ChannelError {
	if (error instanceof ChannelError) return error;
	const host = hostOf(request.url);
	if (error instanceof ForbiddenAddress || (error as { cause?: unknown })?.cause instanceof ForbiddenAddress)
		return new ChannelError("forbidden_address", `${host} is a private address, which Onecount does not call.`, {
			fix: "Use the store's public address. If the store runs beside Onecount, switch on ONECOUNT_ALLOW_PRIVATE_ADDRESSES.",
			cause: error,
		});
	const code = (error as { code?: string }).code ?? (error as Error).name;
	// Nothing has left before the connection stands and the server is known: certainly not done. The same codes on a
	// connection that stands come after the request may have left.
	if (isFromConnecting(error))
		return new ChannelError("unreachable", `${host} can't be reached.`, {
			fix: code === "ENOTFOUND" ? "Check the address for typing errors." : null,
			code,
			cause: error,
		});
	if (distrust.has(code))
		return new ChannelError("unreachable", `${host} has a certificate that can't be trusted.`, {
			fix: "Ask the store's host to renew its TLS certificate.",
			code,
			cause: error,
		});
	const isSilence = /Timeout|TIMEOUT|ETIMEDOUT/.test(code);
	const sentence = isSilence
		? `${host} did not answer in time.`
		: `The connection to ${host} broke off before an answer came.`;
	return new ChannelError("timeout", sentence, { code, cause: error });
}

/** Node says which call failed; of several addresses that were tried it puts the failures together. */
function isFromConnecting(error: unknown): boolean {
	if (error instanceof AggregateError) return error.errors.some(isFromConnecting);
	const { code, syscall } = error as { code?: string; syscall?: string };
	return code === "UND_ERR_CONNECT_TIMEOUT" || syscall === "connect" || syscall === "getaddrinfo";
}

/** What Node calls a certificate that it does not accept, while the connection is made (nodejs.org/api/tls.html). */
const distrust: ReadonlySet<string> = new Set([
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_CRL",
	"UNABLE_TO_DECRYPT_CERT_SIGNATURE",
	"UNABLE_TO_DECRYPT_CRL_SIGNATURE",
	"UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
	"CERT_SIGNATURE_FAILURE",
	"CRL_SIGNATURE_FAILURE",
	"CERT_NOT_YET_VALID",
	"CERT_HAS_EXPIRED",
	"CRL_NOT_YET_VALID",
	"CRL_HAS_EXPIRED",
	"ERROR_IN_CERT_NOT_BEFORE_FIELD",
	"ERROR_IN_CERT_NOT_AFTER_FIELD",
	"ERROR_IN_CRL_LAST_UPDATE_FIELD",
	"ERROR_IN_CRL_NEXT_UPDATE_FIELD",
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
	"CERT_CHAIN_TOO_LONG",
	"CERT_REVOKED",
	"INVALID_CA",
	"PATH_LENGTH_EXCEEDED",
	"INVALID_PURPOSE",
	"CERT_UNTRUSTED",
	"CERT_REJECTED",
	"HOSTNAME_MISMATCH",
	"ERR_TLS_CERT_ALTNAME_INVALID",
]);

function hostOf(url: string): string {
	try {
		return new URL(url).host;
	} catch {
		return url;
	}
}

function redactor(secrets: readonly string[]) {
	const forms = secrets
		.filter((secret) => secret.length >= 6)
		.flatMap((secret) => [secret, encodeURIComponent(secret)])
		.sort((a, b) => b.length - a.length);
	return (text: string) => forms.reduce((result, secret) => result.replaceAll(secret, "•••"), text);
}
