import { freePort } from "@/db/free-port";
import type { Platform } from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { startServer } from "@/lib/launch/server";
import { applyMailBatch } from "@/lib/services/mail/apply-mail";
import { receiveWebhook, type WebhookReply } from "@/lib/services/webhooks/receive-webhook";
import { seeded } from "@/lib/simulation/random";
import { type Attack, genuine, kindsOf, type Mail, makeAttacks } from "./forgery/attacks";
import { isUnmoved, type QueueSiege, siegeOfQueue } from "./forgery/queue";
import { mailPlatforms } from "./forgery/schemes";
import { counted, mailOf, openTarget, orderBodies, type Target } from "./forgery/shop";
import { twins } from "./forgery/twins";
import type { Proof } from "./proof";

export const platforms = Object.keys(mailPlatforms) as Platform[];
const attacksPerPlatform = 1_000;
const genuineMails = 50;
const atOnce = 25;

type Door = { name: string; send(target: Target, mail: Mail): Promise<WebhookReply> };

const verb: Door = {
	name: "verb",
	send: ({ platform, channelId }, mail) => receiveWebhook({ platform, channelId, ...mail }),
};

export type Siege = {
	platform: string;
	door: string;
	attacks: number;
	/** By kind, those that were not answered 401. */
	through: Record<string, number>;
	serverErrors: number;
	/** Rejected ones that the channel's own figures don't show. */
	uncounted: number;
	/** Kept in the inbox though forged, or genuine and missing there. */
	wronglyKept: number;
	/** Genuine mail that was refused. */
	refused: number;
	/** Units that a genuine order, told again after a newer one or under another id, moved. */
	movedByReplays: number;
	/** Genuine bodies under the topic of an uninstalled app, which no signature covers, have taken the channel away. */
	revokedByTopic: boolean;
};

export async function siege(
	database: TestDatabase,
	door: Door,
	platform: Platform,
	seed: number,
	count: number,
): Promise<Siege> {
	const random = seeded(seed);
	const target = await openTarget(database, platform);
	const bodies = orderBodies(platform, random, genuineMails);
	const attacks = makeAttacks(target, bodies, random, count);
	const statuses = await sendAll(door, target, attacks);
	const through: Siege["through"] = {};
	for (const [index, { kind }] of attacks.entries())
		if (statuses[index] !== 401) through[kind] = (through[kind] ?? 0) + 1;
	const before = await counted(database, target, attacks.length);

	// Under the current secret and the one before, so that refusing all would not do.
	const mails = bodies.map((body, index) => genuine(target, body, index % 2 ? target.secret : target.previousSecret));
	const answers = await sendAll(door, target, mails);
	await drain(target);
	const onHand = await onHandOf(database, target);
	const missing = mailOf(platform).carriesOrders
		? 100 - onHand - genuineMails
		: (await counted(database, target)).inbox - before.inbox - genuineMails;
	await sendAll(
		door,
		target,
		mails.map((mail, index) => ({ ...mail, headers: replayed(mail.headers, index) })),
	);
	await drain(target);
	const movedByReplays = onHand - (await onHandOf(database, target));
	await sendAll(
		door,
		target,
		[...bodies, shopBody].map((body, index) => uninstalled(genuine(target, body), index)),
	);
	await drain(target);

	return {
		platform,
		door: door.name,
		attacks: attacks.length,
		through,
		serverErrors: [...statuses, ...answers].filter((status) => status >= 500).length,
		uncounted: Math.abs(before.rejectedToday - attacks.length) + Math.abs(before.rejectedEver - attacks.length),
		wronglyKept: before.inbox + Math.abs(missing),
		refused: answers.filter((status) => status !== 200).length,
		movedByReplays,
		revokedByTopic: (await stateOf(database, target)) !== "live",
	};
}

const replayed = (headers: Record<string, string>, index: number) =>
	"x-shopify-topic" in headers ? { ...headers, "x-shopify-webhook-id": `replay-${index}` } : headers;

/** What Shopify says when an app is removed; of the very store, too, it is only a reason to ask. */
const shopBody = Buffer.from('{"id":548380009,"name":"Super Toys","myshopify_domain":"supertoys.myshopify.com"}');

const uninstalled = ({ headers, ...mail }: Mail, index: number): Mail => ({
	...mail,
	headers:
		"x-shopify-topic" in headers
			? { ...headers, "x-shopify-topic": "app/uninstalled", "x-shopify-webhook-id": `uninstalled-${index}` }
			: headers,
});

async function stateOf(database: TestDatabase, { channelId }: Target): Promise<string | undefined> {
	const [channel] = await database.ownerClient<{ state: string }[]>`select state from channels where id = ${channelId}`;
	return channel?.state;
}

async function sendAll(door: Door, target: Target, mails: readonly Mail[]): Promise<number[]> {
	const statuses: number[] = [];
	for (let from = 0; from < mails.length; from += atOnce) {
		const batch = mails.slice(from, from + atOnce).map((mail) => door.send(target, mail));
		statuses.push(...(await Promise.all(batch)).map(({ status }) => status));
	}
	return statuses;
}

async function drain(target: Target): Promise<void> {
	while ((await applyMailBatch(target)).rows > 0);
}

async function onHandOf(database: TestDatabase, { skuId }: Target): Promise<number> {
	const [level] = await database.ownerClient<{ on_hand: number }[]>`select on_hand from levels where sku_id = ${skuId}`;
	return level?.on_hand ?? Number.NaN;
}

export const isRepelled = (one: Siege): boolean =>
	Object.keys(one.through).length === 0 &&
	!one.revokedByTopic &&
	one.serverErrors + one.uncounted + one.wronglyKept + one.refused + one.movedByReplays === 0;

/** What each twin takes of the same attacks, and refuses of the genuine mail (ids as large as Shopify's). */
export function twinVerdicts(target: Target, attacks: readonly Attack[], bodies: readonly Buffer[]) {
	return Object.entries(twins).map(([name, isTheirs]) => ({
		name,
		taken: attacks.filter((attack) => isTheirs(target, attack)).length,
		refused: bodies.filter((body) => !isTheirs(target, genuine(target, body))).length,
	}));
}

/** As Shopify writes it: ids beyond what a double can hold, non-ASCII escaped. */
export const awkwardBody = Buffer.from(
	'{"id":820982911946154508,"name":"#1","note":"caf\\u00e9","total":"1.0","weight":1.0}',
);

/** The same verb behind the deployed front door, over HTTP. */
async function frontDoor(): Promise<Door & { close(): Promise<void> }> {
	const port = await freePort();
	const server = await startServer({ isDev: false, port, host: "127.0.0.1" });
	// Pages need a build; mail does not.
	const ready = server.ready.catch(() => {});
	return {
		name: "front door",
		async send({ platform, channelId }, { headers, query, rawBody }) {
			const path = `/api/webhooks/${platform}/${channelId}${query === undefined ? "" : `?${query}`}`;
			const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
				method: "POST",
				headers,
				body: new Uint8Array(rawBody),
			});
			return { status: reply.status, body: await reply.text() };
		},
		close: async () => {
			await ready;
			await server.close();
		},
	};
}

async function inQueue(seed: number): Promise<QueueSiege> {
	const database = await testDatabase();
	try {
		return await siegeOfQueue(database, attacksPerPlatform, seeded(seed));
	} finally {
		await database.close();
	}
}

export const proof: Proof = {
	id: "P6",
	claim: "forged mail: rejected, counted, never an error, and genuine mail is taken all the same",
	async run({ seed }) {
		// Before the front door reads the environment: the sandbox's address must be one that may be called.
		const queue = await inQueue(seed);
		console.log(`amazon, queue: ${JSON.stringify(queue)}`);
		const database = await testDatabase();
		const door = await frontDoor();
		try {
			const sieges: Siege[] = [];
			for (const platform of platforms)
				for (const way of [verb, door]) sieges.push(await siege(database, way, platform, seed, attacksPerPlatform));
			for (const one of sieges) console.log(`${one.platform}, ${one.door}: ${JSON.stringify(one)}`);

			const verdicts = [];
			for (const platform of platforms.filter((one) => mailOf(one).scheme.coversBody)) {
				const random = seeded(seed);
				const target = await openTarget(database, platform);
				const bodies = [...orderBodies(platform, random, genuineMails), awkwardBody];
				const attacks = makeAttacks(target, bodies, random, attacksPerPlatform);
				for (const twin of twinVerdicts(target, attacks, bodies)) {
					verdicts.push(twin);
					console.log(
						`twin on ${platform}: ${twin.name}: takes ${twin.taken} of ${attacksPerPlatform} forged, refuses ${twin.refused} of ${bodies.length} genuine`,
					);
				}
			}

			const total = sieges.reduce((sum, { attacks }) => sum + attacks, 0);
			const fallen = sieges.filter((one) => !isRepelled(one));
			const throughs = sieges.reduce((sum, { through }) => sum + Object.values(through).reduce((a, b) => a + b, 0), 0);
			return {
				holds:
					fallen.length === 0 &&
					isUnmoved(queue) &&
					queue.believed > 0 &&
					verdicts.every(({ taken, refused }) => taken + refused > 0),
				verdict: `${throughs} of ${total} forged taken (${platforms.map((one) => `${one} ${kindsOf(mailOf(one).scheme)} kinds`).join(", ")}; verb and front door; full), ${sieges.reduce((sum, one) => sum + one.serverErrors, 0)} answered 5xx, ${sieges.reduce((sum, one) => sum + one.uncounted, 0)} uncounted, ${sieges.reduce((sum, one) => sum + one.refused, 0)} genuine refused, replays move ${sieges.reduce((sum, one) => sum + one.movedByReplays, 0)} units, another topic revokes ${sieges.filter((one) => one.revokedByTopic).length} channels; of ${queue.attacks} forged in Amazon's queue ${queue.strangersMail} reach another merchant, ${queue.damagedTaken} are taken damaged, ${queue.moved + queue.wrong} units moved (believed: ${queue.believed}); the twins take ${verdicts.map(({ taken }) => taken).join(", ")} of ${attacksPerPlatform}`,
			};
		} finally {
			await door.close();
			await database.close();
		}
	},
};
