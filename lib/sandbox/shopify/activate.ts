/** inventoryActivate: stock an item at a location. */
import { changeStore } from "../news";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { once } from "./idempotency";
import { idOf, levelId } from "./ids";
import { shopifyDelays, tellSubscribers } from "./news";
import { type ItemData, type LevelData, type LevelRow, locationsOf, rowsById } from "./rows";
import { changeLevels, ensureLevels } from "./stock";
import type { FieldError } from "./subscriptions";

type Activation = { level: LevelRow | null; userErrors: FieldError[] };
const largest = 1_000_000_000;

type ActivateArguments = {
	inventoryItemId: string;
	locationId: string;
	available?: number | null;
	onHand?: number | null;
};

export const activateLevel = (
	ctx: SandboxContext,
	store: SandboxStore,
	args: ActivateArguments,
	key: string,
): Promise<Activation> =>
	once(
		ctx,
		store,
		key,
		["inventoryActivate", args],
		() => activate(ctx, store, args),
		(message) => ({ level: null, userErrors: [{ field: null, message }] }),
	);

async function activate(ctx: SandboxContext, store: SandboxStore, args: ActivateArguments): Promise<Activation> {
	const fail = (...errors: [string | null, string][]): Activation => ({
		level: null,
		userErrors: errors.map(([field, message]) => ({ field: field === null ? null : [field], message })),
	});
	const itemId = idOf("InventoryItem", args.inventoryItemId) ?? "";
	const item = (await rowsById<ItemData>(ctx.db, store.id, "item", [itemId])).get(itemId);
	if (!item) return fail(["inventoryItemId", "The product couldn't be stocked because it does not exist."]);
	const locationId = idOf("Location", args.locationId) ?? "";
	const location = (await locationsOf(ctx, store)).find(({ id }) => id === locationId);
	if (!location) return fail(["locationId", "The product couldn't be stocked because the location does not exist."]);
	const because = (reason: string) => `The product couldn't be stocked at ${location.data.name} because ${reason}.`;
	if (args.available != null && args.onHand != null) {
		const message = because("not allowed to set available and on_hand quantities at the same time");
		return fail(["available", message], ["onHand", message]);
	}
	const quantity = args.available ?? args.onHand ?? 0;
	if (Math.abs(quantity) > largest)
		return fail([
			args.onHand != null ? "onHand" : "available",
			because("the quantity needs to be between -1 billion and 1 billion"),
		]);

	const id = levelId(locationId, itemId);
	const read = async () => (await rowsById<LevelData>(ctx.db, store.id, "level", [id])).get(id) ?? null;
	const known = await read();
	if (known) {
		const name = args.onHand != null ? "on_hand" : args.available != null ? "available" : null;
		const userErrors = name
			? [
					{
						field: [name === "on_hand" ? "onHand" : "available"],
						message: `Not allowed to set ${name === "on_hand" ? "an on_hand" : "available"} quantity when the item is already active at the location.`,
					},
				]
			: [];
		return { level: known, userErrors };
	}
	await changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		const now = ctx.now();
		await ensureLevels(tx, store.id, [{ itemId, locationId }], now);
		await changeLevels(tx, store.id, [{ itemId, locationId, available: quantity, committed: 0 }], now);
		await tellSubscribers(ctx, store, tx, tell, [
			{ topic: "inventory_levels/connect", resourceId: id, body: null },
			{ topic: "inventory_levels/update", resourceId: id, body: null },
		]);
	});
	return { level: await read(), userErrors: [] };
}
