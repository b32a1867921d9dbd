/** Not how many calls a minute but how many at once: of the account, and of each store. */
import type { A2cSettings } from "./settings";
import { A2cError } from "./wire";

type Counts = Map<string, number>;
const shared = globalThis as {
	onecountA2cCalls?: Counts;
	onecountA2cMinutes?: Map<string, { minute: number; calls: number }>;
};

const counts = (): Counts => {
	shared.onecountA2cCalls ??= new Map();
	return shared.onecountA2cCalls;
};

/** Refuses at once when too many are under way. Returns how to leave. */
export function enter(key: string, most: number, code: 7 | 10): () => void {
	const open = counts();
	const underWay = open.get(key) ?? 0;
	if (underWay >= most)
		throw new A2cError(
			code,
			code === 7 ? "The request limit of the store is exceeded." : "The request limit of the account is exceeded.",
		);
	open.set(key, underWay + 1);
	return () => {
		const left = (open.get(key) ?? 1) - 1;
		if (left > 0) open.set(key, left);
		else open.delete(key);
	};
}

/** The cart's own throttle, by the minute. */
export function spend(key: string, { cartCallsPerMinute }: A2cSettings, now: Date): void {
	if (cartCallsPerMinute === 0) return;
	shared.onecountA2cMinutes ??= new Map();
	const minute = Math.floor(now.getTime() / 60_000);
	const spent = shared.onecountA2cMinutes.get(key);
	const calls = spent?.minute === minute ? spent.calls + 1 : 1;
	shared.onecountA2cMinutes.set(key, { minute, calls });
	if (calls > cartCallsPerMinute) throw new A2cError(110, "Too many requests to the store's API.");
}
