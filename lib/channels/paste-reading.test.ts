import { expect, test } from "vitest";
import { longestPaste, meantBy, mistake, readFields } from "./paste-reading";
import { problemCodes } from "./testing/problem-codes";

const fields = [
	{ name: "id", label: "Client id", isOptional: false },
	{ name: "secret", label: "Secret", isOptional: false },
	{ name: "queue", label: "Queue", isOptional: true },
];
const read = (typed: Record<string, string>) =>
	readFields(
		fields,
		typed,
		{
			secret: [
				typed.secret === typed.id && mistake("This is the id.", "id_as_secret"),
				mistake("Never right.", "never"),
			],
			queue: [typed.queue === "" && mistake("Give a queue.", "no_queue")],
		},
		typed,
	);

test("every field that is wrong is named at once, in the order of the form, each with the first of its mistakes", () => {
	expect(read({ id: "1", secret: "1", queue: "" })).toMatchObject({
		problems: [
			{ field: "secret", sentence: "This is the id.", code: "id_as_secret" },
			{ field: "queue", code: "no_queue" },
		],
	});
	expect(problemCodes(read({ id: "", secret: "x", queue: "q" }))).toEqual({ id: "keys_missing", secret: "never" });
});

test("a needed field that is empty is called by its label, and only so", () => {
	expect(read({})).toMatchObject({
		problems: [
			{ field: "id", sentence: "“Client id” is empty: paste it here." },
			{ field: "secret", code: "keys_missing" },
		],
	});
});

test("no field is longer than it can be", () => {
	const one = { id: "x".repeat(longestPaste), secret: "x", queue: "x".repeat(longestPaste + 1) };
	expect(problemCodes(readFields(fields, one, {}, null))).toEqual({ queue: "too_long" });
});

test("what is right is what was meant, and what is wrong is nothing", () => {
	expect(meantBy(readFields(fields, { id: "1", secret: "2" }, {}, "meant"))).toBe("meant");
	expect(() => meantBy(read({}))).toThrow("id: “Client id” is empty");
});
