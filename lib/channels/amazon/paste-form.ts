import type { PastedKeys, PasteForm } from "../paste-form";
import { meant, mistake, type Reading, readFields, wrongAddress } from "../paste-reading";
import { marketplaceOf, marketplaces, regionEndpoint, regionOf } from "./marketplaces";

const plain = { hint: null, isSecret: false, isOptional: false };
const queueField = { isOptional: true };

type Typed = Readonly<Record<string, string>>;

/** A private app that the seller has authorised for the account: its keys never leave this installation. */
export const pasteForm: PasteForm = {
	address: {
		label: "Amazon marketplace",
		placeholder: "amazon.de",
		hint: "Where the account sells. One connection is one region (North America, Europe or the Far East).",
	},
	fields: [
		{
			...plain,
			name: "marketplaceId",
			label: "Marketplace ID",
			placeholder: "A1PA6795UKMFR9",
			hint: `E.g. ${marketplaces
				.filter(({ country }) => ["US", "UK", "DE", "JP"].includes(country))
				.map(({ country, id }) => `${country} ${id}`)
				.join(", ")}.`,
		},
		{
			...plain,
			name: "sellerId",
			label: "Merchant token",
			placeholder: "A3TH9S8BH6GOGM",
			hint: "Settings → Account Info → Your Merchant Token.",
		},
		{ ...plain, name: "clientId", label: "LWA client identifier", placeholder: "amzn1.application-oa2-client.…" },
		{ ...plain, name: "clientSecret", label: "LWA client secret", placeholder: "amzn1.oa2-cs.v1.…", isSecret: true },
		{
			...plain,
			name: "refreshToken",
			label: "Refresh token",
			placeholder: "Atzr|…",
			hint: "Shown once, when the app is authorised.",
			isSecret: true,
		},
		{
			...plain,
			...queueField,
			name: "queueUrl",
			label: "SQS queue URL",
			placeholder: "https://sqs.eu-west-1.amazonaws.com/123456789012/onecount",
			hint: "Optional, with the two below: a queue brings sales within seconds. Without it orders are asked for once in three minutes.",
		},
		{
			...plain,
			...queueField,
			name: "queueKeyId",
			label: "AWS access key ID",
			placeholder: "AKIA…",
			hint: "Of a user that may do nothing but receive from this queue, delete there and read its attributes.",
		},
		{ ...plain, ...queueField, name: "queueSecret", label: "AWS secret access key", placeholder: "", isSecret: true },
	],
	help: [
		"In Seller Central open Apps and Services → Develop Apps and add a private app with the roles Product Listing and Inventory and Order Tracking.",
		"Copy its LWA client identifier and secret: View, in the column LWA credentials. The secret ends after 180 days: Onecount says so two weeks before.",
		"Beside the app choose Authorize app, and copy the refresh token.",
		"For news within seconds make a standard queue in Amazon SQS, let Amazon's account 437568002678 send to it, and paste its URL with an access key. For changes of quantity accept Amazon's partner event source in EventBridge and add a rule that leads to the queue.",
		"With a queue the secret is renewed by itself, if nothing else uses this app: on the page Develop Apps open Notification Preferences, and enter the queue in the rows Application Client New Secret and Application Client Secret Expiry.",
	],
	readAddress,
	readKeys,
};

/** A marketplace's domain, its country, its id, Seller Central's address, or the endpoint itself. */
function readAddress(text: string): Reading<string> {
	const typed = text.trim();
	const host = typed
		.replace(/^https?:\/\//i, "")
		.replace(/[/?#].*$/, "")
		.toLowerCase()
		.replace(/^(www|sellercentral)\./, "");
	if (regionOf(`https://${host}`)) return meant(`https://${host}`);
	if (host === "sellercentral-europe.amazon.com") return meant(regionEndpoint("eu"));
	const found =
		marketplaceOf(typed) ??
		marketplaces.find(({ domain, country }) => domain === host || country === typed.toUpperCase()) ??
		null;
	if (found) return meant(regionEndpoint(found.region));
	return wrongAddress(
		"This is no Amazon marketplace. Type it as buyers do, e.g. amazon.com or amazon.co.uk.",
		"not_a_marketplace",
	);
}

function readKeys(typed: Typed): Reading<PastedKeys> {
	const { marketplaceId = "", sellerId = "", clientId = "", clientSecret = "", refreshToken = "" } = typed;
	const mistakes = {
		marketplaceId: [
			!marketplaceOf(marketplaceId) &&
				mistake("This is no marketplace ID. Germany's is A1PA6795UKMFR9, for example.", "not_a_marketplace_id"),
		],
		sellerId: [
			!/^A[A-Z0-9]{9,20}$/.test(sellerId) &&
				mistake(
					"A merchant token is A and capital letters and digits. It stands under Settings → Account Info.",
					"not_a_seller",
				),
		],
		clientId: [
			clientId.startsWith("amzn1.oa2-cs.") &&
				mistake(
					"This is the client secret. The identifier begins with amzn1.application-oa2-client.",
					"secret_as_identifier",
				),
			/^amzn1\.(sellerapps|sp\.solution)/.test(clientId) &&
				mistake(
					"This is the app's own id. The LWA client identifier begins with amzn1.application-oa2-client. and stands under View, in the column LWA credentials.",
					"application_id",
				),
		],
		clientSecret: [
			clientSecret.startsWith("amzn1.application-oa2-client.") &&
				mistake(
					"This is the client identifier. The secret stands below it, under View, in the column LWA credentials.",
					"identifier_as_secret",
				),
		],
		refreshToken: [
			refreshToken.startsWith("Atza|") &&
				mistake("This is an access token, which lives for an hour. A refresh token begins with Atzr|.", "access_token"),
			!refreshToken.startsWith("Atzr|") &&
				mistake(
					"A refresh token begins with Atzr|. Seller Central shows it when the app is authorised.",
					"not_a_token",
				),
		],
		...queueMistakes(typed),
	};
	return readFields(pasteForm.fields, typed, mistakes, {
		access: { clientId, clientSecret, refreshToken, sellerId, marketplaceId, ...queueIn(typed) },
		// There is no access token yet: the first call fetches one.
		expiresAt: new Date(0),
	});
}

const realQueue = /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/\d{12}\/[\w-]+$/;
/** Of a sandbox store; whether its address may be called is for the way out to say. */
const sandboxQueue = /\/sandbox\/amazon\/[\w-]+\/sqs\/\d{12}\/[\w-]+$/;

const queueRegion = (url: string): string | null =>
	realQueue.exec(url)?.[1] ?? (sandboxQueue.test(url) ? "us-east-1" : null);

function queueIn({ queueUrl = "", queueKeyId = "", queueSecret = "" }: Typed): Record<string, string> {
	const region = queueRegion(queueUrl);
	return region ? { queueUrl, queueKeyId, queueSecret, queueRegion: region } : {};
}

function queueMistakes({ queueUrl = "", queueKeyId = "", queueSecret = "" }: Typed) {
	const hasQueue = [queueUrl, queueKeyId, queueSecret].some((text) => text !== "");
	const lacks = (text: string) =>
		hasQueue &&
		text === "" &&
		mistake("A queue needs its URL, an access key ID and its secret; or leave all three blank.", "queue_incomplete");
	return {
		queueUrl: [
			lacks(queueUrl),
			queueUrl.endsWith(".fifo") &&
				mistake("Amazon sends its news to standard queues only, and this one is a FIFO queue.", "fifo_queue"),
			queueUrl !== "" &&
				queueRegion(queueUrl) === null &&
				mistake(
					"This is no queue's URL. It looks like https://sqs.eu-west-1.amazonaws.com/123456789012/onecount.",
					"not_a_queue",
				),
		],
		queueKeyId: [lacks(queueKeyId)],
		queueSecret: [lacks(queueSecret)],
	};
}
