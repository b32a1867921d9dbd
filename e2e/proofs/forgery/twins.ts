/** Verifiers as one finds them. Each takes what it must refuse, or refuses what it must take. */
import { timingSafeEqual } from "node:crypto";
import { type Mail, type Signing, sign } from "./attacks";

type Verifier = (signing: Signing, mail: Mail) => boolean;

const given = ({ scheme }: Signing, mail: Mail) => Buffer.from(scheme.carried(mail) ?? "", scheme.encoding);
const rightOf = ({ scheme, secret }: Signing, mail: Mail) => sign(secret, scheme, mail);

export const twins: Record<string, Verifier> = {
	/** A framework has parsed the body already; it is written out again to be signed. */
	"parse, then sign what comes out": (signing, mail) => {
		try {
			const again = { ...mail, rawBody: Buffer.from(JSON.stringify(JSON.parse(mail.rawBody.toString()))) };
			const right = rightOf(signing, again);
			const signature = given(signing, mail);
			return signature.length === right.length && timingSafeEqual(signature, right);
		} catch {
			return false;
		}
	},
	/** Compares as many bytes as were given. */
	"compare without a look at the length": (signing, mail) => {
		const right = rightOf(signing, mail);
		return given(signing, mail).every((byte, index) => index >= right.length || byte === right[index]);
	},
	/** Whoever does not sign can't be checked. */
	"check a signature where there is one": (signing, mail) =>
		signing.scheme.carried(mail) === undefined || given(signing, mail).equals(rightOf(signing, mail)),
};
