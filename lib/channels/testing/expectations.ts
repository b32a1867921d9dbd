/** What several areas hold a platform's answers against. */
import { expect } from "vitest";
import { ChannelError, type ChannelErrorReason } from "../errors";

/** The ChannelError that `work` ends with, or null where it ends well; fails where it ends with anything else. */
export async function knownErrorOf(
	what: string,
	work: () => Promise<unknown> | undefined,
): Promise<ChannelError | null> {
	try {
		await work();
		return null;
	} catch (error) {
		if (error instanceof ChannelError) return error;
		throw new Error(`${what} threw something that is no ChannelError: ${error}`, { cause: error });
	}
}

export async function errorOf(what: string, work: () => Promise<unknown> | undefined): Promise<ChannelError> {
	const error = await knownErrorOf(what, work);
	if (!error) throw new Error(`${what} did not throw.`);
	return error;
}

export function expectReason(what: string, error: ChannelError | null, ...reasons: ChannelErrorReason[]): void {
	expect(error, `${what}: a trouble`).not.toBeNull();
	expect(reasons, `${what}: “${error?.message}”`).toContain(error?.reason);
	expect(error?.message.trim(), what).not.toBe("");
}

/** A merchant can do something about it, and is told what. */
export function expectFix(what: string, fix: string | null | undefined): void {
	expect(fix?.trim(), `${what}: a fix`).toBeTruthy();
}

/** Another id of the same form, that nothing has. */
export const anotherId = (id: string): string =>
	id.replace(/[1-8a-yA-Y]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 1));
