import type { Platform } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "@/lib/sandbox/sandbox-platform";
import { sandboxKeys } from "@/lib/sandbox/stores";
import { type Connected, type ConnectInput, connectStore } from "../channels/connect-store";
import type { Context } from "../context";

/** Connects a sandbox store with the keys that its owner would paste; checked live like any other. */
export async function connectSandboxStore(
	ctx: Context,
	sandbox: SandboxContext,
	store: Pick<SandboxStore, "id" | "platform">,
): Promise<Connected> {
	const { baseUrl, access, webhookSecret } = await sandboxKeys(sandbox, store.id);
	return connectStore(ctx, {
		platform: store.platform as Platform,
		baseUrl,
		access: pastedAccess(access),
		webhookSecret: webhookSecret ?? undefined,
		isSandbox: true,
	});
}

/** Of all the ways in which a store can be connected, the one that needs no visit to it. */
function pastedAccess(keys: Record<string, string>): ConnectInput["access"] {
	return keys.accessToken ? { kind: "token", accessToken: keys.accessToken } : keys;
}
