/** WooCommerce's hand-over: the merchant agrees in the shop, and the shop's server posts keys to us. */
import { authorizeUrl, newHandOver, readHandedKeys, readHandOver, signHandOver } from "@/lib/channels/woocommerce";
import { env } from "@/lib/env";
import { authorise, type Context, systemContext } from "../context";
import { Unacceptable } from "../errors";
import { type BegunVisit, beginAttempt, endAttempt, takeAttempt } from "./connect-attempt";
import { connectStore } from "./connect-store";
import { addressForStores } from "./public-address";
import { readAddress } from "./read-address";
import { type FormInput, orWrongFields } from "./read-pasted";

export async function beginHandOver(
	ctx: Context,
	input: Pick<FormInput, "address">,
	{ origin }: { origin: string },
): Promise<BegunVisit & { state: null }> {
	authorise(ctx, "manager");
	const [address] = orWrongFields(await readAddress("woocommerce", input.address));
	const callback = addressForStores(address.isSandbox);
	if (!callback || !(address.isSandbox || callback.startsWith("https://")))
		throw new Unacceptable(
			"WooCommerce hands keys over to https addresses only, and this Onecount has none. Paste keys instead, or set ONECOUNT_URL to its public https address.",
			"no_https",
		);
	const handOver = newHandOver(ctx.merchantId, address.baseUrl, ctx.now());
	const attemptId = await beginAttempt(ctx, { ...address, platform: "woocommerce", secret: handOver.nonce, app: null });
	const url = authorizeUrl({
		storeUrl: address.baseUrl,
		appName: "Onecount",
		userId: signHandOver(handOver, env().authSecret),
		returnUrl: `${origin}/channels/connect/woocommerce/${attemptId}`,
		callbackUrl: `${callback}/api/oauth/woocommerce`,
	});
	// The browser reaches a sandbox store as it reaches us.
	return { attemptId, state: null, redirectTo: address.isSandbox ? url.slice(new URL(url).origin.length) : url };
}

/** `accepted`: the keys work at the very shop that was asked, and nowhere else would do. */
export type HandedOver = "accepted" | "rejected";

/**
 * Takes keys that somebody posted. Anybody can post here, so nothing of it is believed: the word must be ours, unused and
 * fresh, and the keys are tried at the address that the word names. Only then the shop hears 200 and keeps the key.
 */
export async function receiveHandedKeys(rawBody: Buffer, now: Date): Promise<HandedOver> {
	const handed = readHandedKeys(rawBody);
	const handOver = handed && readHandOver(handed.userId, env().authSecret, now);
	if (!handOver) return "rejected";
	const system = systemContext(handOver.merchantId);
	const attempt = await takeAttempt(system, "woocommerce", handOver.nonce);
	if (!attempt || attempt.baseUrl !== handOver.storeUrl) return "rejected";
	const outcome = await connectStore(
		{ ...system, actor: attempt.actor },
		{
			platform: "woocommerce",
			baseUrl: attempt.baseUrl,
			isSandbox: attempt.isSandbox,
			access: handed.access,
		},
	);
	await endAttempt(system, attempt.id, outcome);
	return outcome.result === "connected" ? "accepted" : "rejected";
}
