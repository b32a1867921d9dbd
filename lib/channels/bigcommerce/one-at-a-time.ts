/** Work of one name, one after the other. Within a process: a channel is worked by one at a time. */
const tails = new Map<string, Promise<unknown>>();

export function oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
	const before = tails.get(name) ?? Promise.resolve();
	const mine = before.then(work, work);
	tails.set(name, mine);
	const forget = () => {
		if (tails.get(name) === mine) tails.delete(name);
	};
	mine.then(forget, forget);
	return mine;
}
