/** Mail that is not what a store has sent: forged, altered, stale, without a signature. */
import { createHash, createHmac } from "node:crypto";
import type { Random } from "@/lib/simulation/random";

export type Mail = { headers: Record<string, string>; query?: string; rawBody: Buffer };
export type Attack = Mail & { kind: string };

/** How a platform proves that a mail is its own. */
export type Scheme = {
	/** The body with what else the platform's mail carries. */
	mailOf(rawBody: Buffer): Mail;
	/** What the signature is over. */
	signed(mail: Mail): Buffer;
	encoding: "base64" | "base64url";
	/** Null: without one. */
	carry(mail: Mail, signature: string | null): Mail;
	/** As `carry` had it: the text as it stands there, without what the platform puts before it. */
	carried(mail: Mail): string | undefined;
	/** False: the signature says who sends it, and nothing of what. Then a body is believed in nothing. */
	coversBody: boolean;
	/** Ways to forge that no other platform has. */
	ownAttacks: Readonly<Record<string, Make>>;
};

export type Signing = {
	scheme: Scheme;
	secret: string;
	/** Signed once, before two rotations. */
	retiredSecret: string;
	/** Another channel's of the same merchant. */
	neighboursSecret: string;
};

export const sign = (secret: string, { signed }: Scheme, mail: Mail): Buffer =>
	createHmac("sha256", secret).update(signed(mail)).digest();

/** Under a secret, changed or not before it is signed. */
export function genuine({ scheme, secret: current }: Signing, rawBody: Buffer, secret = current): Mail {
	const mail = scheme.mailOf(rawBody);
	return scheme.carry(mail, sign(secret, scheme, mail).toString(scheme.encoding));
}

export type Make = (signing: Signing, body: Buffer, random: Random) => Mail;

/** Signed rightly, and changed on the way. */
const altered =
	(change: (body: Buffer, random: Random) => Buffer): Make =>
	(signing, body, random) => ({ ...genuine(signing, body), rawBody: change(body, random) });

type Forged = { right: Buffer; mail: Mail; random: Random; signing: Signing };

/** The body as it was, under another signature. */
const signedAs =
	(signature: (forged: Forged) => Buffer | string | null): Make =>
	(signing, body, random) => {
		const { scheme, secret } = signing;
		const mail = scheme.mailOf(body);
		const given = signature({ right: sign(secret, scheme, mail), mail, random, signing });
		return scheme.carry(mail, Buffer.isBuffer(given) ? given.toString(scheme.encoding) : given);
	};

const at = (buffer: Buffer, random: Random) => random.int(0, buffer.length - 1);

function flipped(buffer: Buffer, random: Random): Buffer {
	const copy = Buffer.from(buffer);
	const index = at(copy, random);
	copy[index] = (copy[index] as number) ^ (1 << random.int(0, 7));
	return copy;
}

const bytes = (random: Random, length: number) => Buffer.from(Array.from({ length }, () => random.int(0, 255)));

const signatures = {
	"no signature": signedAs(() => null),
	"an empty signature": signedAs(() => ""),
	"signed by somebody else": signedAs(({ mail, random, signing }) =>
		sign(`secret ${random.next()}`, signing.scheme, mail),
	),
	"signed by a retired secret": signedAs(({ mail, signing }) => sign(signing.retiredSecret, signing.scheme, mail)),
	"signed by a neighbour's secret": signedAs(({ mail, signing }) =>
		sign(signing.neighboursSecret, signing.scheme, mail),
	),
	"signed with an empty secret": signedAs(({ mail, signing }) => sign("", signing.scheme, mail)),
	"a hash without a key": signedAs(({ mail, signing }) =>
		createHash("sha256").update(signing.scheme.signed(mail)).digest(),
	),
	"another hash": signedAs(({ mail, random, signing }) =>
		createHmac(random.pick(["sha1", "sha512", "md5"]), signing.secret)
			.update(signing.scheme.signed(mail))
			.digest(),
	),
	"a bit of the signature": signedAs(({ right, random }) => flipped(right, random)),
	"a beginning of the signature": signedAs(({ right, random }) => right.subarray(0, random.int(1, 31))),
	"more than the signature": signedAs(({ right, random }) => Buffer.concat([right, bytes(random, random.int(1, 40))])),
	"the signature twice": signedAs(({ right, signing: { scheme } }) => {
		const once = right.toString(scheme.encoding);
		return `${once}, ${once}`;
	}),
	"the signature in hex": signedAs(({ right }) => right.toString("hex")),
	"noise for a signature": signedAs(({ random }) =>
		Array.from({ length: random.int(1, 4_000) }, () => String.fromCharCode(random.int(33, 126))).join(""),
	),
	"the signature in another header": ({ scheme, secret }, body) => {
		const mail = scheme.mailOf(body);
		const signature = sign(secret, scheme, mail).toString(scheme.encoding);
		return { ...mail, headers: { ...mail.headers, "x-signature": signature } };
	},
} satisfies Record<string, Make>;

const bodies = {
	"a bit of the body": altered(flipped),
	"a shorter body": altered((body, random) => body.subarray(0, at(body, random))),
	"a longer body": altered((body, random) => Buffer.concat([body, bytes(random, random.int(1, 40))])),
	// These three say the same to whoever parses JSON first and signs what comes out.
	"a body with other spaces": altered((body) => Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1))),
	"a body with a key twice": altered((body) => Buffer.from(body.toString().replace("{", '{"id":666,'))),
	"a body with a number spelt otherwise": altered((body) =>
		Buffer.from(body.toString().replace(/:(\d+)([,}])/, ":$1.0$2")),
	),
} satisfies Record<string, Make>;

const attacksOn = ({ coversBody, ownAttacks }: Scheme): [string, Make][] =>
	Object.entries<Make>({ ...signatures, ...(coversBody && bodies), ...ownAttacks });

export const kindsOf = (scheme: Scheme): number => attacksOn(scheme).length;

/** `count` of them, each kind as often. The bodies are different orders. */
export function makeAttacks(signing: Signing, orders: readonly Buffer[], random: Random, count: number): Attack[] {
	const kinds = attacksOn(signing.scheme);
	return Array.from({ length: count }, (_, index) => {
		const [kind, make] = kinds[index % kinds.length] as [string, Make];
		return { kind, ...make(signing, random.pick(orders), random) };
	});
}
