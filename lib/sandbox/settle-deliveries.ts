import { sql } from "drizzle-orm";
import type { SandboxContext } from "./sandbox-platform";

/** `dueAt` null: it is not tried again. */
export type Outcome = {
	id: number;
	state: "sent" | "waiting" | "failed" | "dropped";
	status: number | null;
	dueAt: Date | null;
};

/** Results that come while a statement is in flight go in the next one. */
export function settler(ctx: SandboxContext): (outcome: Outcome) => Promise<void> {
	let waiting: Outcome[] = [];
	let flushing: Promise<void> | null = null;
	let next: Promise<void> | null = null;

	async function flush() {
		await flushing?.catch(() => {});
		const outcomes = waiting;
		waiting = [];
		next = null;
		flushing = write(outcomes);
		await flushing;
	}

	const write = async (outcomes: Outcome[]): Promise<void> => {
		const rows = outcomes.map(({ id, state, status, dueAt }) => ({ id, state, status, due_at: dueAt }));
		// A delivery whose webhook was deleted meanwhile stays dropped.
		await ctx.db.execute(sql`
			update sandbox.deliveries d set
				state = r.state, last_status = r.status, due_at = coalesce(r.due_at, d.due_at),
				sent_at = case when r.state = 'sent' then ${ctx.now().toISOString()}::timestamptz end
			from json_to_recordset(${JSON.stringify(rows)}::json) as r(id bigint, state text, status int, due_at timestamptz)
			where d.id = r.id and (d.state = 'waiting' or r.state = 'sent')`);
	};

	return (outcome) => {
		waiting.push(outcome);
		next ??= flush();
		return next;
	};
}
