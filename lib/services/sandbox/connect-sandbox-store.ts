import type { Platform } from "@/db/schema";
import type { PasteForm } from "@/lib/channels/paste-form";
import { meantBy } from "@/lib/channels/paste-reading";
import { platformFor } from "@/lib/channels/registry";
import type { SandboxContext, SandboxStore } from "@/lib/sandbox/sandbox-platform";
import { sandboxKeys } from "@/lib/sandbox/stores";
import { type Connected, connectStore } from "../channels/connect-store";
import type { Context } from "../context";

/** Connects a sandbox store with the keys that its owner would paste; checked live like any other. */
export async function connectSandboxStore(
	ctx: Context,
	sandbox: SandboxContext,
	store: Pick<SandboxStore, "id" | "platform">,
): Promise<Connected> {
	const { baseUrl, access: keys, webhookSecret } = await sandboxKeys(sandbox, store.id);
	const { pasteForm } = await platformFor(store.platform);
	const { access, expiresAt, webhookSecret: pasted } = meantBy(pasteForm.readKeys(typedKeys(pasteForm, keys)));
	return connectStore(ctx, {
		platform: store.platform as Platform,
		baseUrl,
		access,
		accessExpiresAt: expiresAt,
		webhookSecret: webhookSecret ?? pasted,
		isSandbox: true,
	});
}

/** Of all that stands in the store's admin, what the form asks for. */
const typedKeys = ({ fields }: PasteForm, keys: Record<string, string>) =>
	Object.fromEntries(fields.map(({ name }) => [name, keys[name] ?? ""]));
