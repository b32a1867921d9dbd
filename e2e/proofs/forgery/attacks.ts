/** Mail that is not what a store has sent: forged, altered, stale, without a signature. */
import { createHash, createHmac } from "node:crypto";
import type { Random } from "@/lib/simulation/random";

export type Signing = {
	platform: "shopify" | "woocommerce";
	signatureHeader: string;
	/** What else the platform's mail carries. */
	headers: Record<string, string>;
	secret: string;
	/** Signed once, before two rotations. */
	retiredSecret: string;
	/** Another channel's of the same merchant. */
	neighboursSecret: string;
};

export type Mail = { headers: Record<string, string>; rawBody: Buffer };
export type Attack = Mail & { kind: AttackKind };

export const sign = (secret: string, rawBody: Buffer): Buffer => createHmac("sha256", secret).update(rawBody).digest();

const withSignature = ({ headers, signatureHeader }: Signing, signature: string | null, rawBody: Buffer): Mail => ({
	headers: signature === null ? { ...headers } : { ...headers, [signatureHeader]: signature },
	rawBody,
});

export const genuine = (signing: Signing, rawBody: Buffer, secret = signing.secret): Mail =>
	withSignature(signing, sign(secret, rawBody).toString("base64"), rawBody);

type Make = (signing: Signing, body: Buffer, random: Random) => Mail;

/** Signed rightly, and changed on the way. */
const altered =
	(change: (body: Buffer, random: Random) => Buffer): Make =>
	(signing, body, random) => ({ ...genuine(signing, body), rawBody: change(body, random) });

/** The body as it was, under another signature. */
const signedAs =
	(signature: (right: Buffer, body: Buffer, random: Random, signing: Signing) => string | null): Make =>
	(signing, body, random) =>
		withSignature(signing, signature(sign(signing.secret, body), body, random, signing), body);

const at = (buffer: Buffer, random: Random) => random.int(0, buffer.length - 1);

function flipped(buffer: Buffer, random: Random): Buffer {
	const copy = Buffer.from(buffer);
	const index = at(copy, random);
	copy[index] = (copy[index] as number) ^ (1 << random.int(0, 7));
	return copy;
}

const bytes = (random: Random, length: number) => Buffer.from(Array.from({ length }, () => random.int(0, 255)));

const attacks = {
	"no signature": signedAs(() => null),
	"an empty signature": signedAs(() => ""),
	"signed by somebody else": signedAs((_, body, random) => sign(`secret ${random.next()}`, body).toString("base64")),
	"signed by a retired secret": signedAs((_, body, __, { retiredSecret }) =>
		sign(retiredSecret, body).toString("base64"),
	),
	"signed by a neighbour's secret": signedAs((_, body, __, signing) =>
		sign(signing.neighboursSecret, body).toString("base64"),
	),
	"signed with an empty secret": signedAs((_, body) => sign("", body).toString("base64")),
	"a hash without a key": signedAs((_, body) => createHash("sha256").update(body).digest("base64")),
	"another hash": signedAs((_, body, random, { secret }) =>
		createHmac(random.pick(["sha1", "sha512", "md5"]), secret)
			.update(body)
			.digest("base64"),
	),
	"a bit of the signature": signedAs((right, _, random) => flipped(right, random).toString("base64")),
	"a beginning of the signature": signedAs((right, _, random) =>
		right.subarray(0, random.int(1, 31)).toString("base64"),
	),
	"more than the signature": signedAs((right, _, random) =>
		Buffer.concat([right, bytes(random, random.int(1, 40))]).toString("base64"),
	),
	"the signature twice": signedAs((right) => `${right.toString("base64")}, ${right.toString("base64")}`),
	"the signature in hex": signedAs((right) => right.toString("hex")),
	"noise for a signature": signedAs((_, __, random) =>
		Array.from({ length: random.int(1, 4_000) }, () => String.fromCharCode(random.int(33, 126))).join(""),
	),
	"the signature in another header": (signing, body) => ({
		headers: { ...signing.headers, "x-signature": sign(signing.secret, body).toString("base64") },
		rawBody: body,
	}),
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

export type AttackKind = keyof typeof attacks;
export const attackKinds = Object.keys(attacks) as AttackKind[];

/** `count` of them, each kind as often. The bodies are different orders. */
export function makeAttacks(signing: Signing, bodies: readonly Buffer[], random: Random, count: number): Attack[] {
	return Array.from({ length: count }, (_, index) => {
		const kind = attackKinds[index % attackKinds.length] as AttackKind;
		return { kind, ...attacks[kind](signing, random.pick(bodies), random) };
	});
}
