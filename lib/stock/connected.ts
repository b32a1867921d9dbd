/**
 * Items in groups, in their order: two that have a key in common are in one group, be it by way of others. The work grows
 * with the number of keys, however many groups there are.
 */
export function connected<Item>(items: readonly Item[], keysOf: (item: Item) => readonly string[]): Item[][] {
	/** Of each item one of its group, or itself; of the first of a group, itself. */
	const parents = items.map((_, index) => index);
	const firstOf = (index: number): number => {
		let at = index;
		for (let parent = parents[at] as number; parent !== at; parent = parents[at] as number) {
			parents[at] = parents[parent] as number;
			at = parent;
		}
		return at;
	};
	const firstWith = new Map<string, number>();
	items.forEach((item, index) => {
		for (const key of keysOf(item)) {
			const [one, other] = [firstOf(firstWith.get(key) ?? index), firstOf(index)];
			parents[Math.max(one, other)] = Math.min(one, other);
			firstWith.set(key, Math.min(one, other));
		}
	});
	const groups = new Map<number, Item[]>();
	items.forEach((item, index) => {
		const group = groups.get(firstOf(index));
		if (group) group.push(item);
		else groups.set(firstOf(index), [item]);
	});
	return [...groups.values()];
}
