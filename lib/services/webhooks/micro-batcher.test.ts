import { describe, expect, it } from "vitest";
import { microBatcher, QueueFull } from "./micro-batcher";

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the micro-batcher", () => {
	it("puts what arrives while a commit is in flight into the next one", async () => {
		const batches: number[][] = [];
		let release = () => {};
		const batcher = microBatcher<number, number>({
			largestBatch: 100,
			inFlight: 1,
			longestQueue: 1000,
			commit: async (items) => {
				batches.push(items);
				if (batches.length === 1) await new Promise<void>((resolve) => (release = resolve));
				return items.map((n) => n * 2);
			},
		});
		const first = batcher.push(1);
		await settle();
		const rest = [2, 3, 4].map((n) => batcher.push(n));
		await settle();
		release();
		expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8]);
		expect(batches).toEqual([[1], [2, 3, 4]]);
	});

	it("fails a poisonous item alone", async () => {
		const batcher = microBatcher<number, number>({
			largestBatch: 100,
			inFlight: 1,
			longestQueue: 1000,
			commit: async (items) => {
				if (items.includes(13)) throw new Error("poison");
				return items;
			},
		});
		const results = await Promise.allSettled([11, 12, 13, 14, 15].map((n) => batcher.push(n)));
		expect(results.map(({ status }) => status)).toEqual([
			"fulfilled",
			"fulfilled",
			"rejected",
			"fulfilled",
			"fulfilled",
		]);
	});

	it("bounds a batch and the queue by size, too, and lets what is larger than a batch go alone", async () => {
		const batches: number[][] = [];
		let release = () => {};
		const batcher = microBatcher<number, number>({
			largestBatch: 100,
			inFlight: 1,
			longestQueue: 1000,
			bySize: { sizeOf: (n) => n, largestBatch: 10, longestQueue: 40 },
			commit: async (items) => {
				batches.push(items);
				if (batches.length === 1) await new Promise<void>((resolve) => (release = resolve));
				return items;
			},
		});
		const first = batcher.push(9);
		await settle();
		const rest = [4, 6, 1, 25, 3].map((n) => batcher.push(n));
		await expect(batcher.push(2)).rejects.toBeInstanceOf(QueueFull);
		const last = batcher.push(1);
		release();
		await Promise.all([first, ...rest, last]);
		expect(batches).toEqual([[9], [4, 6], [1], [25], [3, 1]]);
		// What was taken has made room.
		expect(await batcher.push(40)).toBe(40);
	});

	it("refuses at once when too many wait", async () => {
		const batcher = microBatcher<number, number>({
			largestBatch: 1,
			inFlight: 1,
			longestQueue: 2,
			commit: () => new Promise(() => {}),
		});
		void batcher.push(1);
		await settle();
		void batcher.push(2);
		void batcher.push(3);
		await expect(batcher.push(4)).rejects.toBeInstanceOf(QueueFull);
	});
});
