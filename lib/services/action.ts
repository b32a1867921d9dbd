/** Server actions in one shape: a known error comes back as a sentence, since a thrown one reaches the browser masked. */
import { unstable_rethrow } from "next/navigation";
import { describeError, type ErrorBody } from "./describe-error";

export type ActionResult<T = void> = { ok: true; value: T } | ({ ok: false } & ErrorBody);

/**
 * ```ts
 * export async function adjustStockAction(input: unknown) {
 * 	return runAction("adjust stock", async () => adjustStock(await requireMember("support"), adjustSchema.parse(input)));
 * }
 * ```
 */
export async function runAction<T>(where: string, work: () => Promise<T>): Promise<ActionResult<T>> {
	try {
		return { ok: true, value: await work() };
	} catch (error) {
		unstable_rethrow(error);
		return { ok: false, ...describeError(error, where).body };
	}
}
