import { type TestDatabase, testDatabase } from "@/db/testing";
import { buyers, isRight, type Race, raceInPipeline, raceInTwin } from "./last-unit/race";
import { manyConnections } from "./pipeline/connections";
import type { Proof } from "./proof";

const fullRounds = 100;
const shortRounds = 20;
const twinRounds = 10;
const connections = 100;

/** Rounds in turn by concurrent transactions and by signed mail; those that went wrong. */
export async function lastUnitRaces(database: TestDatabase, rounds: number): Promise<Race[]> {
	const client = await manyConnections(database, connections, "app");
	const wrong: Race[] = [];
	try {
		for (let round = 0; round < rounds; round++) {
			const race = await raceInPipeline(database, client, round % 2 === 0 ? "orders" : "mail");
			if (!isRight(race)) wrong.push(race);
		}
	} finally {
		await client.end({ timeout: 5 });
	}
	return wrong;
}

/** What the naive twin allocates of its one unit, by round. */
export async function twinRaces(database: TestDatabase, rounds: number): Promise<number[]> {
	const sql = await manyConnections(database, connections, "owner");
	const allocated: number[] = [];
	try {
		for (let round = 0; round < rounds; round++) allocated.push((await raceInTwin(sql, round)).allocated);
	} finally {
		await sql.end({ timeout: 5 });
	}
	return allocated;
}

export const proof: Proof = {
	id: "P3",
	claim: `last unit: of ${buyers} concurrent orders for one unit exactly one gets it, and each other one is a conflict`,
	async run({ full }) {
		const database = await testDatabase();
		try {
			const rounds = full ? fullRounds : shortRounds;
			const wrong = await lastUnitRaces(database, rounds);
			for (const race of wrong.slice(0, 5)) console.log(`  wrong: ${JSON.stringify(race)}`);
			const twin = await twinRaces(database, twinRounds);
			console.log(`twin: look, then record: allocates ${twin.join(", ")} of one unit`);
			return {
				holds: wrong.length === 0 && twin.every((allocated) => allocated > 1),
				verdict: `1 allocated, ${buyers - 1} recorded and in conflict, in ${rounds - wrong.length} of ${rounds} rounds ${full ? "(full)" : `(of ${fullRounds})`}; “look, then record” allocates ${Math.min(...twin)}–${Math.max(...twin)} and loses the rest`,
			};
		} finally {
			await database.close();
		}
	},
};
