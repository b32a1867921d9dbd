import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { platformLabel } from "@/lib/format/platforms";
import { duration } from "@/lib/format/time";
import type { ChainStep } from "./chain-step";
import type { LogLineView } from "./line";

/** From the store to the ledger. `at`: when it was counted, `happened`: when the store says that it was (milliseconds). */
export async function mailSteps(
	tx: Transaction,
	inboxId: number,
	line: LogLineView,
	{ at, happened }: { at: number; happened: number },
): Promise<ChainStep[]> {
	const [mail] = (await tx.execute(sql`
		select source, topic, extract(epoch from received_at)::float8 * 1000 as received
		from inbox where id = ${inboxId}::bigint`)) as unknown as {
		source: "webhook" | "poll";
		topic: string;
		received: number;
	}[];
	if (!mail) return [];
	const from = mail.source === "webhook" ? "webhook" : "poll";
	const told: ChainStep[] =
		happened < mail.received
			? [
					{
						key: "happened",
						label: "In the store",
						note: `news came after ${duration(mail.received - happened)}`,
						state: "ok",
						since: happened,
						from: happened,
						to: mail.received,
						pushId: null,
					},
				]
			: [];
	return [
		...told,
		{
			key: "mail",
			label: `${line.channel ? platformLabel(line.channel.platform) : "Channel"} ${from}`,
			note: mail.source === "webhook" ? `${mail.topic}, kept before it was acknowledged` : "asked for by the poll",
			state: "ok",
			since: mail.received,
			from: mail.received,
			to: mail.received,
			pushId: null,
		},
		{
			...(line.kind === "mail.dead"
				? { key: "kept", label: "Not counted", note: "it could not be read, and is kept", state: "warn" as const }
				: {
						key: "counted",
						label: "Counted",
						note: `in the ledger ${duration(Math.max(0, at - mail.received))} after it came`,
						state: "ok" as const,
					}),
			since: mail.received,
			from: mail.received,
			to: Math.max(at, mail.received),
			pushId: null,
		},
	];
}
