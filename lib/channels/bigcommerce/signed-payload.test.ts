import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { readSignedPayload } from "./signed-payload";
import vectors from "./testing/signature-vectors.json";

const { clientSecret, payload, jwt } = vectors.signed_payload;
const app = { clientId: payload.aud, clientSecret };
const now = new Date((payload.iat + 60) * 1_000);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signed = (claims: object, head: object = { alg: "HS256", typ: "JWT" }, secret = clientSecret) => {
	const text = `${part(head)}.${part(claims)}`;
	return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
};

test("the known token is read", () => {
	expect(readSignedPayload(jwt, app, now)).toEqual({ storeKey: "abc123" });
	expect(readSignedPayload(signed(payload), app, now)).not.toBeNull();
});

test.each<[string, string, typeof app, Date]>([
	["another app's", jwt, { ...app, clientId: "other" }, now],
	["another secret's", jwt, { ...app, clientSecret: "other" }, now],
	["an empty secret's", signed(payload, undefined, ""), { ...app, clientSecret: "" }, now],
	["over", jwt, app, new Date(payload.exp * 1_000)],
	["not yet", jwt, app, new Date((payload.nbf - 120) * 1_000)],
	["another issuer's", signed({ ...payload, iss: "other" }), app, now],
	["of no store", signed({ ...payload, sub: "stores/../x" }), app, now],
	["without an expiry", signed({ ...payload, exp: undefined }), app, now],
	["unsigned by its own word", signed(payload, { alg: "none" }), app, now],
	["cut short", jwt.split(".").slice(0, 2).join("."), app, now],
	["longer", `${jwt}.x`, app, now],
	["with something behind its mac", `${jwt}=`, app, now],
	["not a token", "x", app, now],
	["empty", "", app, now],
])("%s is not believed", (_, token, of, at) => {
	expect(readSignedPayload(token, of, at)).toBeNull();
});
