/** Store addresses are typed by people: whatever is typed, nothing but a public web server is ever called. No test leaves this machine. */
import dns from "node:dns";
import { createServer, type Server } from "node:http";
import net from "node:net";
import tls from "node:tls";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChannelError } from "./errors";
import { createHttpClient, isPublicAddress } from "./http";

/** What names resolve to; the last answer stays. */
let zone: Map<string, string[][]>;
let lookups: string[];
/** Where a connection was tried; none is ever made but to this machine's own test server. */
let dialled: string[];
beforeEach(() => {
	zone = new Map();
	lookups = [];
	dialled = [];
});
afterEach(() => {
	vi.restoreAllMocks();
});

type Dial = {
	host: string;
	lookup: (host: string, options: object, done: (error: Error | null, addresses?: dns.LookupAddress[]) => void) => void;
};

/** Names resolve by the zone. As Node connects: to a literal as it is, else to what the lookup that it was given says. */
function dialNowhere(): void {
	const connect = ({ host, lookup }: Dial) => {
		const socket = new net.Socket();
		const dial = (address: string) => {
			dialled.push(address);
			socket.destroy(Object.assign(new Error("refused"), { code: "ECONNREFUSED", syscall: "connect" }));
		};
		if (net.isIP(host)) setImmediate(dial, host);
		else
			lookup(host, { all: true }, (error, addresses) => {
				if (error) socket.destroy(error);
				else dial(addresses?.[0]?.address ?? "");
			});
		return socket;
	};
	vi.spyOn(dns, "lookup").mockImplementation(((host: string, _options: unknown, done: (...args: unknown[]) => void) => {
		lookups.push(host);
		const answers = zone.get(host);
		const answer = answers && (answers.length > 1 ? answers.shift() : answers[0]);
		if (!answer) return done(Object.assign(new Error("not found"), { code: "ENOTFOUND", syscall: "getaddrinfo" }));
		done(
			null,
			answer.map((address) => ({ address, family: net.isIP(address) })),
		);
	}) as never);
	vi.spyOn(net, "connect").mockImplementation(connect as never);
	vi.spyOn(tls, "connect").mockImplementation(connect as never);
}

const client = (more: { allowPrivate?: boolean; secrets?: string[] } = {}) =>
	createHttpClient({ allowPrivate: more.allowPrivate ?? false, secrets: more.secrets ?? [] });

const refusal = async (url: string): Promise<string> =>
	client()
		.send({ method: "GET", url })
		.then(
			({ status }) => `answered ${status}`,
			({ reason }: ChannelError) => reason,
		);

/** Each block of the IANA special-purpose registries: its ends, and something in between. */
const specialAddresses = [
	...["0.0.0.0", "0.0.0.1", "0.255.255.255"],
	...["10.0.0.0", "10.1.2.3", "10.255.255.255"],
	...["100.64.0.0", "100.100.100.200", "100.127.255.255"],
	...["127.0.0.0", "127.0.0.1", "127.0.0.53", "127.255.255.255"],
	...["169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.169.123", "169.254.255.255"],
	...["172.16.0.0", "172.17.0.1", "172.31.255.255"],
	...["192.0.0.0", "192.0.0.170", "192.0.0.192", "192.0.0.255"],
	...["192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.1.1", "192.168.255.255"],
	...["198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.7"],
	...["224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"],
	...["::", "::1", "::2", "::7f00:1", "::a9fe:a9fe"],
	...["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:a9fe:a9fe", "::ffff:10.0.0.1", "::ffff:0.0.0.0"],
	...["::ffff:0:127.0.0.1", "::ffff:0:a9fe:a9fe"],
	...["64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "64:ff9b:1:7f00:0:100::"],
	...["100::1", "100:0:0:1::1"],
	...["2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1", "2001:db8::1"],
	...["2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1"],
	...["3fff::1", "3fff:fff::1", "5f00::1", "4000::1", "8000::1", "1::1"],
	...["fc00::1", "fd00::1", "fd00:ec2::254", "fdff:ffff::1"],
	...["fe80::1", "fe80::a9fe:a9fe", "febf::1", "fec0::1", "feff::1", "ff02::1", "ff0e::1"],
];

/** Other ways to write one of them, and addresses that are of no web server. */
const trickyUrls = [
	// Other bases, fewer parts, more zeros.
	"http://2130706433/",
	"http://2130706433./",
	"http://0x7f000001/",
	"http://0x7F000001/",
	"http://017700000001/",
	"http://0177.0.0.1/",
	"http://0177.0.0.01/",
	"http://0x7f.0.0.1/",
	"http://0x7f.0x0.0x0.0x1/",
	"http://0x7f.1/",
	"http://127.1/",
	"http://127.0.1/",
	"http://127.1./",
	"http://127.0.0.1./",
	"http://127.00.00.01/",
	"http://0/",
	"http://0x0/",
	"http://00000000/",
	"http://0.0/",
	"http://2852039166/",
	"http://0xa9fea9fe/",
	"http://0xA9.0xFE.0xA9.0xFE/",
	"http://0251.0376.0251.0376/",
	"http://169.254.43518/",
	"http://169.16689662/",
	"http://3232235777/",
	"http://10.1/",
	"http://192.168.257/",
	// Digits and dots of other scripts, invisible characters, percent-encoding.
	"http://①②⑦.⓪.⓪.①/",
	"http://⑯⑨。②⑤④。⑯⑨｡②⑤④/",
	"http://１２７.0.0.1/",
	"http://127。0。0。1/",
	"http://127．0．0．1/",
	"http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/",
	"http://0𝐱7f.1/",
	"http://%31%32%37.0.0.1/",
	"http://127%2e0%2e0%2e1/",
	"http://127\u00ad.0.0.1/",
	"http://127\u200b.0.0.1/",
	"http://127\t.0.0.1/",
	"http://127.0.0.1\n/",
	" http://127.0.0.1/",
	// Slashes, schemes and letters as parsers forgive them.
	"http:127.0.0.1/",
	"http:/127.0.0.1/",
	"http:///127.0.0.1/",
	"http:\\\\127.0.0.1\\",
	"hTTps://127.0.0.1/",
	"https://127.0.0.1:443/",
	"http://127.0.0.1:80/",
	"http://127.0.0.1:8080/",
	"http://127.0.0.1:65535/",
	"http://127.0.0.1:0/",
	// One host for the eye, another for the parser.
	"http://shop.example.com@127.0.0.1/",
	"http://shop.example.com:443@169.254.169.254/",
	"http://shop.example.com%40127.0.0.1@10.0.0.1/",
	"http://127.0.0.1\\@shop.example.com/",
	"http://127.0.0.1#@shop.example.com/",
	"http://127.0.0.1?@shop.example.com/",
	"http://127.0.0.1/@shop.example.com",
	"http://127.0.0.1:80\\@shop.example.com/",
	"http://user@shop.example.com/",
	"http://user:pass@shop.example.com/",
	"http://:pass@shop.example.com/",
	"http://1.1.1.1 &@2.2.2.2# @127.0.0.1/",
	// IPv6 in every dress.
	"http://[::1]/",
	"http://[0:0:0:0:0:0:0:1]/",
	"http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
	"http://[::]:8080/",
	"http://[::127.0.0.1]/",
	"http://[::ffff:127.0.0.1]/",
	"http://[::ffff:7f00:1]/",
	"http://[::FFFF:7F00:1]/",
	"http://[0:0:0:0:0:ffff:127.0.0.1]/",
	"http://[::ffff:169.254.169.254]/latest/meta-data/",
	"http://[::ffff:0:127.0.0.1]/",
	"http://[64:ff9b::169.254.169.254]/",
	"http://[64:ff9b::7f00:1]/",
	"http://[2002:7f00:1::]/",
	"http://[2002:a9fe:a9fe::]/",
	"http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
	"http://[fe80::1%25eth0]/",
	"http://[fe80::1]/",
	"http://[fd00:ec2::254]/latest/meta-data/",
	"http://[::1%00]/",
	"http://[::1",
	"http://::1/",
	// Ports of other services.
	"http://shop.example.com:22/",
	"http://shop.example.com:25/",
	"http://shop.example.com:53/",
	"http://shop.example.com:110/",
	"http://shop.example.com:143/",
	"http://shop.example.com:445/",
	"https://shop.example.com:587/",
	"https://shop.example.com:1023/",
	"http://8.8.8.8:53/",
	// Not the web.
	"file:///etc/passwd",
	"file://127.0.0.1/etc/passwd",
	"ftp://shop.example.com/",
	"gopher://127.0.0.1:6379/_FLUSHALL",
	"dict://127.0.0.1:11211/stats",
	"ldap://127.0.0.1/",
	"ws://127.0.0.1/",
	"data:text/plain,hello",
	"javascript:alert(1)",
	"blob:http://127.0.0.1/1",
	"unix:/var/run/docker.sock",
	"http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
	"//127.0.0.1/",
	"127.0.0.1",
	"",
];

/** Names that lead inside, with what they resolve to. */
const leadingInside: [name: string, addresses: string[]][] = [
	["localhost", ["127.0.0.1"]],
	["localhost.", ["127.0.0.1"]],
	["ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", ["127.0.0.1"]],
	["anything.localhost", ["::1"]],
	["localhost.localdomain", ["127.0.0.1"]],
	["ip6-localhost", ["::1"]],
	["127.0.0.1.nip.io", ["127.0.0.1"]],
	["metadata.google.internal", ["169.254.169.254"]],
	["metadata", ["169.254.169.254"]],
	["instance-data.ec2.internal", ["169.254.169.254"]],
	["host.docker.internal", ["192.168.65.2"]],
	["kubernetes.default.svc", ["10.96.0.1"]],
	["db", ["172.18.0.3"]],
	["shop.example.com", ["10.0.0.5"]],
	["shop.example.com.", ["10.0.0.5"]],
	["six.example.com", ["fd12:3456::1"]],
	["mapped.example.com", ["::ffff:127.0.0.1"]],
	["nat64.example.com", ["64:ff9b::7f00:1"]],
	["zero.example.com", ["0.0.0.0"]],
	["first-good.example.com", ["93.184.215.14", "127.0.0.1"]],
	["last-good.example.com", ["127.0.0.1", "93.184.215.14"]],
	["mixed.example.com", ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "fe80::1"]],
	["xn--bcher-kva.example", ["192.168.1.10"]],
];

it("is asked about more than 120 ways inside", () => {
	expect(specialAddresses.length + trickyUrls.length + leadingInside.length).toBeGreaterThanOrEqual(200);
	expect(new Set(trickyUrls).size).toBe(trickyUrls.length);
});

describe("an address that is not a public web server's is refused before anything is dialled", () => {
	beforeEach(dialNowhere);

	it.each(specialAddresses)("%s", async (address) => {
		expect(isPublicAddress(address)).toBe(false);
		const host = net.isIPv6(address) ? `[${address}]` : address;
		expect(await refusal(`http://${host}/`)).toBe("forbidden_address");
		expect([lookups, dialled]).toEqual([[], []]);
	});

	it.each(trickyUrls)("%j", async (url) => {
		expect(["forbidden_address", "not_a_store"]).toContain(await refusal(url));
		expect([lookups, dialled]).toEqual([[], []]);
	});

	it.each(leadingInside)("%s → %j", async (name, addresses) => {
		zone.set(new URL(`http://${name}`).hostname, [addresses]);
		expect(await refusal(`http://${name}/`)).toBe("forbidden_address");
		expect(lookups).toHaveLength(1);
		expect(dialled).toEqual([]);
	});

	it("in words that say what to do", async () => {
		await expect(client().send({ method: "GET", url: "http://192.168.1.10/" })).rejects.toMatchObject({
			message: "192.168.1.10 is a private address, which Onecount does not call.",
			fix: expect.stringContaining("ONECOUNT_ALLOW_PRIVATE_ADDRESSES"),
		});
	});
});

describe("a name that changes its mind", () => {
	beforeEach(dialNowhere);

	it("is resolved once for a connection, and dialled where that answer led", async () => {
		zone.set("rebinding.example.com", [["93.184.215.14"], ["127.0.0.1"]]);
		expect(await refusal("http://rebinding.example.com/")).toBe("unreachable");
		expect([lookups.length, dialled]).toEqual([1, ["93.184.215.14"]]);
	});

	it("is refused at the next connection, though it was good before", async () => {
		zone.set("rebinding.example.com", [["93.184.215.14"], ["169.254.169.254"]]);
		const shop = client();
		const ask = () =>
			shop.send({ method: "GET", url: "http://rebinding.example.com/" }).catch(({ reason }: ChannelError) => reason);
		expect([await ask(), await ask()]).toEqual(["unreachable", "forbidden_address"]);
		expect(dialled).toEqual(["93.184.215.14"]);
	});
});

describe("a public address is called", () => {
	beforeEach(dialNowhere);

	it.each([
		...["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "23.227.38.65", "93.184.215.14", "99.255.255.255"],
		...[
			"100.63.255.255",
			"100.128.0.0",
			"104.16.0.1",
			"126.255.255.255",
			"128.0.0.1",
			"151.101.1.1",
			"169.253.255.255",
		],
		...["169.255.0.0", "172.15.255.255", "172.32.0.0", "185.199.108.153", "191.255.255.255", "192.0.1.1", "192.0.3.1"],
		...["192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0"],
		...["203.0.112.255", "203.0.114.0", "217.160.0.1", "223.255.255.255"],
		...["2001:200::1", "2001:4860:4860::8888", "2003::1", "2400:cb00::1", "2606:4700:4700::1111", "2620:fe::fe"],
		...["2800::1", "2a00:1450:4001::1", "2a01:4f8::1", "2c0f:fb50::1", "3ffe::1"],
	])("%s", async (address) => {
		expect(isPublicAddress(address)).toBe(true);
		zone.set("shop.example.com", [[address]]);
		expect(await refusal("https://shop.example.com/wp-json/")).toBe("unreachable");
		expect(dialled).toEqual([address]);
	});

	it.each([
		"https://shop.example.com/",
		"http://shop.example.com:8080/",
		"https://shop.example.com:8443/",
		"https://bücher.example/",
	])("%s", async (url) => {
		const { hostname } = new URL(url);
		zone.set(hostname, [["93.184.215.14"]]);
		expect(await refusal(url)).toBe("unreachable");
		expect([lookups, dialled]).toEqual([[hostname], ["93.184.215.14"]]);
	});
});

describe("over the wire", () => {
	let server: Server;
	let origin: string;
	let asked: string[];
	let answer: { status: number; headers: Record<string, string>; body: string };
	beforeEach(async () => {
		asked = [];
		answer = { status: 200, headers: {}, body: "{}" };
		server = createServer((incoming, outgoing) => {
			asked.push(incoming.url ?? "");
			outgoing.writeHead(answer.status, answer.headers).end(answer.body);
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
	});
	afterEach(() => {
		server.closeAllConnections();
		server.close();
	});

	it("a server of this machine is called only where private addresses are switched on", async () => {
		expect(await refusal(`${origin}/`)).toBe("forbidden_address");
		expect(asked).toEqual([]);
		expect((await client({ allowPrivate: true }).send({ method: "GET", url: `${origin}/` })).status).toBe(200);
	});

	it.each([301, 302, 303, 307, 308])("a redirect (%i) is an answer and is not followed", async (status) => {
		for (const location of [
			"/inside",
			"http://169.254.169.254/latest/meta-data/",
			"//127.0.0.1/",
			"file:///etc/passwd",
		]) {
			answer = { status, headers: { location }, body: "" };
			const reply = await client({ allowPrivate: true }).send({ method: "POST", url: `${origin}/start`, body: "{}" });
			expect([reply.status, reply.headers.location]).toEqual([status, location]);
		}
		expect(new Set(asked)).toEqual(new Set(["/start"]));
	});

	it("an answer without end is given up", async () => {
		answer.body = "x".repeat(20_000_001);
		await expect(client({ allowPrivate: true }).send({ method: "GET", url: `${origin}/` })).rejects.toMatchObject({
			reason: "unreadable",
		});
	});

	it("a server that is silent is given up, and the request counts as perhaps done", async () => {
		server.removeAllListeners("request");
		const slow = client({ allowPrivate: true }).send({ method: "POST", url: `${origin}/`, body: "{}", timeoutMs: 50 });
		await expect(slow).rejects.toMatchObject({ reason: "timeout" });
	});

	it("a connection that breaks after the request left counts as perhaps done, whatever the network calls it", async () => {
		const sockets = new Set<net.Socket>();
		const connect = net.connect;
		vi.spyOn(net, "connect").mockImplementation(((options: net.NetConnectOpts) => {
			const socket = connect(options);
			sockets.add(socket);
			return socket;
		}) as never);
		const failures = [
			...["EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "ECONNRESET"].map((code) => ({ code, syscall: "read" })),
			{ code: "EPIPE", syscall: "write" },
			{ code: "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC" },
			{ code: "ERR_TLS_RENEGOTIATION_DISABLED" },
		];
		for (const failure of failures) {
			server.removeAllListeners("request");
			server.on("request", () => {
				for (const socket of sockets) socket.destroy(Object.assign(new Error(failure.code), failure));
			});
			const sent = client({ allowPrivate: true }).send({ method: "POST", url: `${origin}/`, body: "{}" });
			await expect(sent, failure.code).rejects.toMatchObject({ reason: "timeout", code: failure.code });
			sockets.clear();
		}
	});

	it("no server at the port is certainly not done", async () => {
		await new Promise((resolve) => server.close(resolve));
		const sent = client({ allowPrivate: true }).send({ method: "POST", url: `${origin}/`, body: "{}" });
		await expect(sent).rejects.toMatchObject({ reason: "unreachable", code: "ECONNREFUSED" });
		const byName = client({ allowPrivate: true }).send({
			method: "POST",
			url: origin.replace("127.0.0.1", "localhost"),
			body: "{}",
		});
		await expect(byName).rejects.toMatchObject({ reason: "unreachable" });
	});

	it("a certificate that nobody vouches for is certainly not done", async () => {
		vi.spyOn(net, "connect").mockImplementation((() => {
			const socket = new net.Socket();
			const error = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
			setImmediate(() => socket.destroy(error));
			return socket;
		}) as never);
		const sent = client({ allowPrivate: true }).send({ method: "POST", url: `${origin}/`, body: "{}" });
		await expect(sent).rejects.toMatchObject({
			reason: "unreachable",
			message: expect.stringContaining("certificate"),
		});
	});

	it("secrets are cut out of what is kept, also where they were encoded", async () => {
		const secret = "cs_secret/+with=signs";
		answer.body = JSON.stringify({ echo: secret });
		const shop = client({ allowPrivate: true, secrets: [secret] });
		await shop.send({ method: "POST", url: `${origin}/?key=${encodeURIComponent(secret)}`, body: `secret=${secret}` });
		expect(JSON.stringify(shop.exchanges)).not.toContain("with=signs");
		expect(shop.exchanges[0]).toMatchObject({
			url: `${origin}/?key=•••`,
			request: "secret=•••",
			response: '{"echo":"•••"}',
		});
	});

	it("of a body that is cut within a character what is kept is text still", async () => {
		answer.body = `\0${"x".repeat(3_998)}😀`;
		const shop = client({ allowPrivate: true });
		const { text } = await shop.send({ method: "GET", url: `${origin}/` });
		expect(text).toBe(answer.body);
		expect(shop.exchanges[0]?.response).toBe(`${"x".repeat(3_998)}\ufffd`);
	});

	it("of what holds new secrets nothing is kept", async () => {
		answer.body = JSON.stringify({ access_token: "brand-new" });
		const shop = client({ allowPrivate: true });
		const reply = await shop.send({ method: "POST", url: `${origin}/token`, body: "code=once", isSecret: true });
		expect(reply.text).toContain("brand-new");
		expect(shop.exchanges[0]).toMatchObject({ status: 200, request: null, response: null });
	});

	it("a reply in another encoding is read as its reader says", async () => {
		answer.body = "caf\u00e9";
		answer.headers = { "content-type": "text/plain; charset=cp1252" };
		const decode = (bytes: Buffer, headers: Record<string, string>) =>
			`${headers["content-type"]}: ${bytes.toString("hex")}`;
		const { text } = await client({ allowPrivate: true }).send({ method: "GET", url: `${origin}/`, decode });
		expect(text).toBe("text/plain; charset=cp1252: 636166c3a9");
	});

	it("a reply is read up to 20 MB, or as far as its request says", async () => {
		const ask = (maxBytes?: number) =>
			client({ allowPrivate: true }).send({ method: "GET", url: `${origin}/`, maxBytes });
		answer.body = "x".repeat(20_000_001);
		await expect(ask()).rejects.toMatchObject({ reason: "unreadable", message: expect.stringContaining("too large") });
		expect((await ask(20_000_001)).text).toHaveLength(20_000_001);
		await expect(ask(20_000_000)).rejects.toMatchObject({ reason: "unreadable" });
	});

	it("a wait that is called off ends, and the request counts as perhaps done", async () => {
		const silent = createServer(() => {});
		await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
		const calledOff = new AbortController();
		silent.once("connection", () => calledOff.abort());
		const url = `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}/`;
		const sent = client({ allowPrivate: true }).send({ method: "GET", url, signal: calledOff.signal });
		await expect(sent).rejects.toMatchObject({ reason: "timeout" });
		silent.closeAllConnections();
		silent.close();
	});

	it("a clock that is behind is told from one that is ahead", async () => {
		for (const aheadMs of [-30_000, 30_000]) {
			answer.headers = { date: new Date(Date.now() + aheadMs).toUTCString() };
			const { send, clockAheadMs } = client({ allowPrivate: true });
			await send({ method: "GET", url: `${origin}/` });
			expect(Math.abs((clockAheadMs?.() ?? 0) - aheadMs)).toBeLessThan(2_000);
		}
	});
});
