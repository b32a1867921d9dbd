/** Closes a switch over a union: a case that was forgotten is a type error here, and throws if it comes all the same. */
export function assertNever(value: never): never {
	throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
