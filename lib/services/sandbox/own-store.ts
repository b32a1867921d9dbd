import { env } from "@/lib/env";
import { sandboxContext } from "@/lib/sandbox/context";
import type { SandboxContext, SandboxStore } from "@/lib/sandbox/sandbox-platform";
import { getSandboxStore } from "@/lib/sandbox/stores";
import { sandboxOrigin } from "../channels/public-address";
import type { Context } from "../context";
import { NotFound } from "../errors";

/** The hands of sandbox stores' owners and buyers, where the sandbox is switched on. Throws NotFound elsewhere. */
export function sandboxOf(): SandboxContext {
	if (!env().sandbox) throw new NotFound("page");
	return sandboxContext({ origin: sandboxOrigin() });
}

/** A store that this merchant made. Another merchant's looks as if it were not there. */
export async function ownStore(
	ctx: Context,
	storeId: string,
): Promise<{ sandbox: SandboxContext; store: SandboxStore }> {
	const sandbox = sandboxOf();
	const store = await getSandboxStore(sandbox, storeId);
	if (store?.madeBy !== ctx.merchantId) throw new NotFound("sandbox store");
	return { sandbox, store };
}
