/**
 * Tells every process that a merchant's log has grown. Called after the commit, never inside it: a NOTIFY in a
 * transaction takes a lock that all commits of the database share.
 */
import postgres from "postgres";
import { databaseUrl } from "@/db/client";

/** One channel for all merchants; the payload says whose log it is. */
export const logChannel = "onecount_log";

/** A merchant's readers are woken at once, then at most this often. */
const coalesceMs = 100;

type Notifier = {
	sql: postgres.Sql;
	/** Merchants that were told within the last `coalesceMs`, and whether there is more to tell since. */
	resting: Map<string, boolean>;
};

const holder = globalThis as { onecountNotifiers?: Map<string, Notifier> };
holder.onecountNotifiers ??= new Map();
const notifiers = holder.onecountNotifiers;

function notifierFor(url: string): Notifier {
	let found = notifiers.get(url);
	if (!found) {
		// Its own connection, so that a busy pool can't hold the news back.
		const connection = { application_name: "onecount-notify" };
		found = {
			sql: postgres(url, { max: 1, idle_timeout: 60, connection, onnotice: () => {} }),
			resting: new Map(),
		};
		notifiers.set(url, found);
	}
	return found;
}

/** Wakes the merchant's live readers in every process. Never throws: a reader that was not told looks by itself soon. */
export function notifyLog(merchantId: string, url = databaseUrl()): void {
	const notifier = notifierFor(url);
	if (notifier.resting.has(merchantId)) notifier.resting.set(merchantId, true);
	else tell(notifier, merchantId);
}

function tell(notifier: Notifier, merchantId: string): void {
	notifier.resting.set(merchantId, false);
	const payload = JSON.stringify({ m: merchantId });
	notifier.sql`select pg_notify(${logChannel}, ${payload})`.catch(() => {});
	setTimeout(() => {
		const hasMore = notifier.resting.get(merchantId);
		notifier.resting.delete(merchantId);
		if (hasMore) tell(notifier, merchantId);
	}, coalesceMs).unref();
}

/** For the end of a process or a test: lets what was told leave, then closes. */
export async function closeNotifiers(url?: string): Promise<void> {
	const closing = [...notifiers].filter(([key]) => url === undefined || key === url);
	for (const [key] of closing) notifiers.delete(key);
	await Promise.all(closing.map(([, { sql }]) => sql.end({ timeout: 5 })));
}
