/**
 * API2Cart counts calls that are under way, not calls a minute: ten of an account and five of a store by default. Calls of
 * this process queue here instead of being refused; those of other processes meet codes 7 and 10.
 */

/** Calls under way at once; the source is with `budgetRule` in facts.ts. */
export const mostCalls = { store: 5, account: 10 };

type Turns = { free: number; waiting: (() => void)[] };
const turns = new Map<string, Turns>();

async function enter(key: string, most: number): Promise<() => void> {
	const turn = turns.get(key) ?? { free: most, waiting: [] };
	turns.set(key, turn);
	if (turn.free > 0) turn.free--;
	else await new Promise<void>((resolve) => void turn.waiting.push(resolve));
	return () => {
		const next = turn.waiting.shift();
		if (next) return next();
		turn.free++;
		if (turn.free === most) turns.delete(key);
	};
}

/** The store's turn first: whoever waits for it holds none of the account's. */
export async function inTurn<T>(keys: { account: string; store: string | null }, work: () => Promise<T>): Promise<T> {
	const leaveStore = keys.store === null ? null : await enter(`store ${keys.store}`, mostCalls.store);
	const leaveAccount = await enter(`account ${keys.account}`, mostCalls.account);
	try {
		return await work();
	} finally {
		leaveAccount();
		leaveStore?.();
	}
}
