/** What was typed into a form, judged before any store is asked: every field by itself, and all of them at once. */

/** What the address is called among the fields. */
export const addressField = "address";

/** Characters. Amazon's tokens are the longest: up to 2,048. */
export const longestPaste = 2_100;

/** What can't be right. */
export type Mistake = {
	/** What to paste instead, for the person. */
	sentence: string;
	/** For machines. */
	code: string;
};

export type FieldProblem = Mistake & { field: string };

/** What was typed, as it is meant; or what is wrong with it: in the order of the form, one problem a field. */
export type Reading<T> = { result: "meant"; value: T } | { result: "wrong"; problems: FieldProblem[] };

export const mistake = (sentence: string, code: string): Mistake => ({ sentence, code });

export const meant = <T>(value: T): Reading<T> => ({ result: "meant", value });

export const wrongField = (field: string, made: Mistake): Reading<never> => ({
	result: "wrong",
	problems: [{ field, ...made }],
});

export const wrongAddress = (sentence: string, code: string): Reading<never> =>
	wrongField(addressField, mistake(sentence, code));

export const tooLong = mistake(
	"This is too long to be right: copy it again, without what stands around it.",
	"too_long",
);

/** By the name of a field; of those that were made the first is said. */
export type Mistakes = Readonly<Record<string, readonly (Mistake | false)[]>>;

/** `value`: what it all means if nothing is wrong. A field that is needed and empty, or too long, needs no mistake of its own. */
export function readFields<T>(
	fields: readonly { name: string; label: string; isOptional: boolean }[],
	typed: Readonly<Record<string, string>>,
	mistakes: Mistakes,
	value: T,
): Reading<T> {
	const problems = fields.flatMap(({ name, label, isOptional }): FieldProblem[] => {
		const text = typed[name] ?? "";
		const made = [
			!isOptional && text === "" && mistake(`“${label}” is empty: paste it here.`, "keys_missing"),
			text.length > longestPaste && tooLong,
			...(mistakes[name] ?? []),
		].find((one) => one !== false);
		return made ? [{ field: name, ...made }] : [];
	});
	return problems.length > 0 ? { result: "wrong", problems } : meant(value);
}

/** Of what nobody typed. Throws where anything is wrong with it. */
export function meantBy<T>(reading: Reading<T>): T {
	if (reading.result === "meant") return reading.value;
	throw new Error(reading.problems.map(({ field, sentence }) => `${field}: ${sentence}`).join(" "));
}
