/** Live, named checks of an account and its token; nothing is written. */
import type { Check, Connection, ConnectReport } from "../channel-adapter";
import { attempt, clockCheck, failed, noDelivery, noPublicUrl, passed, publicUrlOf, shut, skipped } from "../checks";
import { ChannelError } from "../errors";
import { catalogPage, counts, locations, tokenStatus } from "./api-types";
import { callSquare, readReply, sendSquare } from "./client";
import { scopes } from "./scopes";
import { mayAskForNews } from "./subscriptions";

/** Never throws for what Square answers: each failed check says so, and what follows from it is skipped. */
export async function connect(connection: Connection): Promise<ConnectReport> {
	const found = await attempt(() => callSquare(connection, { method: "GET", path: "/v2/locations" }, locations));
	const isShut = found instanceof ChannelError && ["access_revoked", "missing_scope"].includes(found.reason);
	if (found instanceof ChannelError && !isShut)
		return { checks: shut("Square", failed("address", found)), store: null };
	const address = passed("address", "Square answers.");
	if (found instanceof ChannelError)
		return { checks: shut("Square", address, failed("credentials", found)), store: null };
	const [first] = found.locations;
	if (!first?.merchant_id) {
		const none = new ChannelError("refused", "This Square account has no location.", {
			fix: "Set up a location in Square's dashboard, then connect again.",
		});
		return { checks: shut("Square", address, failed("credentials", none)), store: null };
	}

	const asked = connection.now().getTime();
	const reply = await attempt(() => sendSquare(connection, { method: "POST", path: "/oauth2/token/status" }));
	const answered = connection.now().getTime();
	const status = reply instanceof ChannelError ? reply : await attempt(async () => readReply(reply, tokenStatus));
	const granted = status instanceof ChannelError ? [] : status.scopes;
	const date = reply instanceof ChannelError ? undefined : reply.headers.date;
	const canRead = await attempt(() => tryReading(connection, first.id));
	return {
		checks: [
			address,
			passed("credentials", `Square accepts the token for ${first.business_name || first.name}.`),
			scopesCheck(status, granted),
			canRead instanceof ChannelError
				? failed("inventory_read", canRead)
				: passed("inventory_read", "Items and counts can be read."),
			writeCheck(status, granted),
			skipped("stock_management", "Square tracks stock item by item; those that it does not track are left alone."),
			await webhooksCheck(connection),
			clockCheck(
				"Square",
				date,
				{ asked, answered },
				"Set this computer's clock by a time server: Square refuses changes of the future and of yesterday.",
			),
		],
		store: {
			storeKey: first.merchant_id,
			name: first.business_name || first.name || "Square",
			locations: found.locations.map(({ id, name, status }) => ({
				ref: id,
				name: name || id,
				isActive: status !== "INACTIVE",
			})),
			facts: { merchantId: first.merchant_id, scopes: granted },
		},
	};
}

async function tryReading(connection: Connection, locationRef: string): Promise<void> {
	await callSquare(connection, { method: "GET", path: "/v2/catalog/list?types=ITEM" }, catalogPage);
	const body = { location_ids: [locationRef], states: ["IN_STOCK"], limit: 1 };
	await callSquare(connection, { method: "POST", path: "/v2/inventory/counts/batch-retrieve", body }, counts);
}

const fix = "Connect the account again and agree to all that is asked for.";

function scopesCheck(status: unknown, granted: readonly string[]): Check {
	if (status instanceof ChannelError) return failed("scopes", status);
	const missing = scopes.filter(({ scope }) => !granted.includes(scope));
	if (missing.length === 0) return passed("scopes", "The token has every right that is needed.");
	const sentence = `The token may not ${missing.map(({ purpose, scope }) => `${purpose} (${scope})`).join(", nor ")}.`;
	const isOnlyWriting = missing.every(({ scope }) => scope === "INVENTORY_WRITE");
	return { name: "scopes", state: isOnlyWriting ? "warned" : "failed", sentence, fix };
}

/** Told by the token's rights: Square has no write that changes nothing. */
function writeCheck(status: unknown, granted: readonly string[]): Check {
	if (status instanceof ChannelError) return failed("inventory_write", status);
	return granted.includes("INVENTORY_WRITE")
		? passed("inventory_write", "Stock may be written. The check itself writes nothing.")
		: { name: "inventory_write", state: "failed", sentence: "The token may not write stock.", fix };
}

async function webhooksCheck(connection: Connection): Promise<Check> {
	const { access, baseUrl } = connection;
	const publicUrl = publicUrlOf(connection);
	if (publicUrl === null) return noPublicUrl("Square");
	if (access.refreshToken && !access.personalToken)
		return skipped(
			"webhooks",
			"News belongs to the application, not to an account that agreed; Square is asked instead.",
		);
	if (access.personalToken && !(await mayAskForNews(connection)))
		return noDelivery(
			"Square does not take the application's token, without which it sends no news",
			"Connect again with the access token of the application as Square's developer console shows it now under Credentials.",
		);
	// A store that is itself reached without TLS is a sandbox beside us, and delivers without TLS too.
	if (publicUrl.startsWith("https://") || baseUrl.startsWith("http://"))
		return passed("webhooks", `Square will deliver news to ${publicUrl}.`);
	return noDelivery("Square delivers news to https addresses alone", "Set ONECOUNT_URL to an https address.");
}
