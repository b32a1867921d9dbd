/** How a store is set up in its own admin: what a merchant would have to mend there, read and set. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Platform } from "@/db/schema";
import type { SandboxStore } from "@/lib/sandbox/sandbox-platform";
import * as stores from "@/lib/sandbox/stores";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { ownStore } from "./own-store";
import { type Settings, type SetupField, storeSetups } from "./store-setups";

/** A field with the choice that is in force. */
export type StoreSetup = Pick<SetupField, "key" | "label" | "hint" | "isSwitch"> & {
	choices: { value: string; label: string }[];
	value: string;
};

const fieldsOf = (store: Pick<SandboxStore, "platform">) => storeSetups[store.platform as Platform] ?? [];

export const readSetup = (store: SandboxStore): StoreSetup[] =>
	fieldsOf(store).map(({ choices, ...field }) => {
		const inForce = choices.find(({ settings }) => isIn(store.settings, settings)) ?? choices[0];
		return { ...field, choices: choices.map(({ value, label }) => ({ value, label })), value: inForce?.value ?? "" };
	});

const isIn = (settings: Settings, part: Settings) =>
	Object.entries(part).every(([name, value]) => isDeepStrictEqual(settings[name], value));

const setupInput = z.strictObject({ key: z.string(), value: z.string() });

export async function setUpStore(ctx: Context, storeId: string, input: unknown): Promise<void> {
	authorise(ctx, "support");
	const { key, value } = setupInput.parse(input);
	const { sandbox, store } = await ownStore(ctx, storeId);
	const field = fieldsOf(store).find((one) => one.key === key);
	const choice = field?.choices.find((one) => one.value === value);
	if (!choice) throw new NotFound("setting");
	await stores.setStoreSettings(sandbox, storeId, { ...choice.settings, ...choice.byClock?.(ctx.now()) });
}
