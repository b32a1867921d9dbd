/** Signature Version 4, as the queue service checks it. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { SandboxStore } from "../sandbox-platform";

const hash = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
const mac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text, "utf8").digest();

const mostSkewMs = 15 * 60_000;

/** Null: it is signed as it should be. */
export function signatureProblem(
	request: Request,
	body: string,
	store: SandboxStore,
	now: Date,
): { code: string; message: string } | null {
	const given =
		/^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/sqs\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
			request.headers.get("authorization") ?? "",
		);
	if (!given) return { code: "MissingAuthenticationToken", message: "Request is missing Authentication Token" };
	const [, keyId = "", day = "", region = "", names = "", signature = ""] = given;
	if (keyId !== store.secrets.queueKeyId)
		return { code: "InvalidClientTokenId", message: "The security token included in the request is invalid." };
	const at = request.headers.get("x-amz-date") ?? "";
	const sentAt = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
	if (!(Math.abs(sentAt - now.getTime()) <= mostSkewMs))
		return {
			code: "SignatureDoesNotMatch",
			message: `Signature expired: ${at} is not within 15 minutes of this server's time.`,
		};
	const url = new URL(request.url);
	const headers = names.split(";").map((name) => `${name}:${headerOf(request, url, name)}\n`);
	const canonical = [request.method, url.pathname, "", headers.join(""), names, hash(body)].join("\n");
	const scope = `${day}/${region}/sqs/aws4_request`;
	const toSign = ["AWS4-HMAC-SHA256", at, scope, hash(canonical)].join("\n");
	const key = ["sqs", "aws4_request"].reduce<Buffer>(
		(made, part) => mac(made, part),
		mac(mac(`AWS4${store.secrets.queueSecret}`, day), region),
	);
	return timingSafeEqual(mac(key, toSign), Buffer.from(signature, "hex"))
		? null
		: {
				code: "SignatureDoesNotMatch",
				message:
					"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
			};
}

function headerOf(request: Request, url: URL, name: string): string {
	const value = name === "host" ? url.host : (request.headers.get(name) ?? "");
	return value.trim().replace(/ +/g, " ");
}
