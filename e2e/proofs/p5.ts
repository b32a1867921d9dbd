import { wooFacts } from "@/lib/channels/woocommerce/facts";
import { ensureBuild } from "@/lib/launch/app-build";
import { faultPoints } from "@/lib/services/sync/fault-points";
import { type Random, seeded } from "@/lib/simulation/random";
import { type AppForm, realApp, smallApp } from "./crash/app";
import { openDatabases, type ProofDatabases } from "./crash/databases";
import { type Kill, type KillPoint, runKills } from "./crash/kill-runs";
import { cloneShop, type Seeded, seedShop, unforgiving } from "./crash/shop";
import { runStorm, type Storm } from "./crash/storm";
import { type Twin, twins } from "./crash/twins";
import type { Proof } from "./proof";

const points: readonly KillPoint[] = [...faultPoints, "any moment"];
const fullKills = 200;
const shortKills = 10;
const settledWithinMs = 60_000;

/** Where nothing compares and no key is remembered, a lost write may still land: nobody may write before that is over. */
const wooWithinMs = settledWithinMs + wooFacts.lateWriteMs + 2 * wooFacts.orderListLagMs;
const wooPoints: readonly KillPoint[] = ["apply", "claim", "push", "record", "any moment"];

const fast = { plan: "enterprise", deliveryDelayMs: { least: 0, most: 40 }, retryScale: 0.02 };

export const proof: Proof = {
	id: "P5",
	claim: "nothing acknowledged is lost, and nothing is doubled, when the app is killed at any point",
	async run({ full, seed }) {
		const databases = await openDatabases();
		const form = await smallApp();
		try {
			console.log(`the database keeps what it commits: ${databases.durability}`);
			const kills = full ? fullKills : shortKills;
			const shop = await seedShop(databases, databases.name("seed"), {
				platforms: ["shopify", "shopify"],
				skus: 12,
				stock: 100_000,
				settings: fast,
				...unforgiving,
			});
			const lanes = new Lanes(databases, seed);
			const [small, woo, real, naive] = await together([
				lanes.run(shop, form, 1, deal(seeded(seed), points, kills, full ? 8 : 6), settledWithinMs),
				runWoo(databases, lanes, form, full),
				runReal(databases, lanes, shop, full, seed),
				together(twins.map((twin, index) => runTwin(lanes, shop, form, twin, 400 + index, full))),
			]);
			return judge({ small, woo, real: real.kills, storm: real.storm, naive, full });
		} finally {
			form.close();
			await databases.close();
		}
	},
};

/** Each point so often, in an order that the seed chooses, dealt to shops side by side. */
function deal(random: Random, from: readonly KillPoint[], each: number, lanes: number): KillPoint[][] {
	const deck = from.flatMap((point) => Array.from({ length: each }, () => point));
	for (let n = deck.length - 1; n > 0; n--) {
		const other = random.int(0, n);
		[deck[n], deck[other]] = [deck[other] as KillPoint, deck[n] as KillPoint];
	}
	return Array.from({ length: lanes }, (_, lane) => deck.filter((_, n) => n % lanes === lane));
}

/** Shops side by side, each with its own app, stores and database. */
class Lanes {
	private shops = 0;
	private done = 0;
	constructor(
		private readonly databases: ProofDatabases,
		private readonly seed: number,
	) {}

	/** One shop for each hand of points. `first` numbers them, so that a seed gives each of them the same day again. */
	async run(from: Seeded, form: AppForm, first: number, hands: KillPoint[][], limitMs: number, twin?: Twin) {
		const runs = hands.map(async (points, index) => {
			const lane = first + index;
			const shop = await this.open(from);
			try {
				const random = seeded(this.seed * 1_000 + lane);
				return await runKills({
					shop,
					form,
					twin,
					points,
					random,
					limitMs,
					onKill: (kill) => this.note(lane, kill, twin),
				});
			} finally {
				await shop.close();
			}
		});
		return (await together(runs)).flat();
	}

	open(from: Seeded) {
		return cloneShop(this.databases, from, this.databases.name(`shop${++this.shops}`));
	}

	private note(lane: number, kill: Kill, twin?: Twin): void {
		this.done += kill.kills;
		if (Math.floor(this.done / 20) > Math.floor((this.done - kill.kills) / 20)) console.log(`  ${this.done} kills …`);
		const isWrong = kill.lost + kill.doubled + kill.pushesDoubled > 0 || kill.settledMs === null;
		if (isWrong && !twin) console.log(`  seed ${this.seed}, shop ${lane}: ${JSON.stringify(kill)}`);
	}
}

/** All come to their end, also when one fails: no app may outlive its database. */
async function together<T extends readonly unknown[]>(runs: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
	await Promise.allSettled(runs);
	return Promise.all(runs) as Promise<unknown> as Promise<T>;
}

async function runWoo(databases: ProofDatabases, lanes: Lanes, form: AppForm, full: boolean): Promise<Kill[]> {
	const shop = await seedShop(databases, databases.name("woo"), {
		platforms: ["shopify", "woocommerce"],
		skus: 8,
		stock: 100_000,
	});
	const hands = full ? Array.from({ length: 4 }, () => [...wooPoints, ...wooPoints]) : [[...wooPoints]];
	return lanes.run(shop, form, 200, hands, wooWithinMs);
}

/** The app as deployed: some kills, then the storm. */
async function runReal(databases: ProofDatabases, lanes: Lanes, seededShop: Seeded, full: boolean, seed: number) {
	await ensureBuild();
	const some: KillPoint[] = full ? [...points, ...points] : ["inbox", "apply", "push", "any moment"];
	const kills = await lanes.run(seededShop, realApp, 300, [some], settledWithinMs);
	const stormy = await seedShop(databases, databases.name("storm"), {
		platforms: ["shopify", "shopify"],
		skus: 3_000,
		variantsEach: 50,
		stock: 1_000,
		settings: fast,
		knobs: { latencyMs: 150, latencyJitterMs: 100 },
	});
	const shop = await lanes.open(stormy);
	try {
		const storm = await runStorm({
			shop,
			form: realApp,
			random: seeded(seed),
			kills: full ? 6 : 2,
			limitMs: settledWithinMs,
		});
		return { kills, storm };
	} finally {
		await shop.close();
	}
}

const twinPoints: Record<Twin, KillPoint> = { "acknowledges first": "verify", "marks first": "apply" };

/** What a twin has lost never settles, so it is not waited for as long. */
async function runTwin(lanes: Lanes, shop: Seeded, form: AppForm, twin: Twin, lane: number, full: boolean) {
	const hand = Array.from({ length: full ? 40 : 5 }, () => twinPoints[twin]);
	const kills = await lanes.run(shop, form, lane, [hand], 15_000, twin);
	return { twin, kills };
}

type Outcome = {
	small: Kill[];
	woo: Kill[];
	real: Kill[];
	storm: Storm;
	naive: { twin: Twin; kills: Kill[] }[];
	full: boolean;
};

const sum = (kills: readonly Kill[], pick: (kill: Kill) => number) =>
	kills.reduce((total, kill) => total + pick(kill), 0);
const killsOf = (kills: readonly Kill[]) => sum(kills, (kill) => kill.kills);
const lostOf = (kills: readonly Kill[]) => sum(kills, (kill) => kill.lost);
const doubledOf = (kills: readonly Kill[]) => sum(kills, (kill) => kill.doubled + kill.pushesDoubled);
const slowest = (kills: readonly Kill[]) =>
	Math.max(0, ...kills.map(({ settledMs }) => settledMs ?? Number.POSITIVE_INFINITY));
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

function judge({ small, woo, real, storm, naive, full }: Outcome) {
	console.log("");
	console.log(
		`${"killed at".padEnd(36)}${["kills", "acknowledged", "orders", "lost", "doubled", "sent again", "slowest"].map((head) => head.padStart(13)).join("")}`,
	);
	for (const point of points)
		print(
			`small process, ${point}`,
			small.filter((kill) => kill.point === point),
		);
	print("npm start, several points", real);
	print("WooCommerce beside Shopify", woo);
	for (const { twin, kills } of naive) print(`twin that ${twin}`, kills);
	console.log("");
	printStorm(storm);

	const ours = [...small, ...real, ...woo];
	const lost = lostOf(ours) + storm.lost;
	const doubled = doubledOf(ours) + storm.pushesDoubled;
	const slowestMs = Math.max(slowest([...small, ...real]), storm.settledMs ?? Number.POSITIVE_INFINITY);
	const isSettled = slowestMs <= settledWithinMs && slowest(woo) <= wooWithinMs;
	const total = killsOf(ours) + storm.kills.length;
	const twinsLose = naive.every(({ kills }) => lostOf(kills) > 0);
	const share = full ? "full" : `a share: ${shortKills} of ${fullKills} at each point`;
	return {
		holds: lost === 0 && doubled === 0 && isSettled && twinsLose,
		verdict: `${lost} lost, ${doubled} doubled of ${total.toLocaleString("en")} kills (${share}), ${sum(ours, (kill) => kill.acknowledged).toLocaleString("en")} webhooks acknowledged; settled ${seconds(slowestMs)} after a restart at the latest, ${seconds(slowest(woo))} with a write to WooCommerce that may land late; ${naive.map(({ twin, kills }) => `the twin that ${twin} lost ${lostOf(kills)} in ${killsOf(kills)} kills`).join(", ")}`,
	};
}

function print(name: string, kills: readonly Kill[]): void {
	const figures = [
		killsOf(kills),
		sum(kills, (kill) => kill.acknowledged),
		sum(kills, (kill) => kill.orders),
		lostOf(kills),
		doubledOf(kills),
		sum(kills, (kill) => kill.sentAgain),
	].map((figure) => figure.toLocaleString("en"));
	const time = slowest(kills);
	console.log(
		`${name.padEnd(36)}${[...figures, Number.isFinite(time) ? seconds(time) : "never"].map((text) => text.padStart(13)).join("")}`,
	);
}

function printStorm(storm: Storm): void {
	console.log(`push storm, npm start: ${storm.offers.toLocaleString("en")} offers due over two stores`);
	for (const [n, kill] of storm.kills.entries())
		console.log(
			`  kill ${n + 1}: ${kill.confirmed.toLocaleString("en")} confirmed, ${kill.pending.toLocaleString("en")} pending, ${kill.inFlight} in flight without an answer, of which ${kill.landed} had landed`,
		);
	console.log(
		`  after the last start: ${storm.settledMs === null ? `not settled: ${storm.unsettled.join("; ")}` : `settled in ${seconds(storm.settledMs)}`}; ${storm.sentAgain} of ${storm.writes} calls sent again under their keys; ${storm.lost} lost, ${storm.pushesDoubled} doubled`,
	);
}
