/** What a Square sandbox account is set to, beside its state; what nobody could tell for sure is a setting. */
import type { SandboxStore } from "../sandbox-platform";

export const allScopes = [
	"MERCHANT_PROFILE_READ",
	"ITEMS_READ",
	"INVENTORY_READ",
	"INVENTORY_WRITE",
	"ORDERS_READ",
] as const;

export type SquareSettings = {
	/** What every token may do; with it the owner restricts the app. */
	scopes: string[];
	/** The owner took the app's access back. */
	isRevoked: boolean;
	currency: string;
	timezone: string;
	/** Whether an error of one change says which it is. Nobody states it. */
	namesBadChange: boolean;
	/** A batch that is throttled is done in part: the first half of its changes (seen with the catalogue's batches). */
	throttlesInPart: boolean;
	/** Square Online looks at the count, a till sells whatever it is asked for. */
	sellsAt: "online" | "till";
	/** Square says: usually below a minute. Never shortened silently: who wants faster news says so. */
	deliveryDelayMs: number;
	/**
	 * The deliberate deviation: Square delivers to https alone. Sandbox accounts and Onecount meet on loopback, so new
	 * accounts may; switch it off to have Square's refusal.
	 */
	deliversToHttp: boolean;
};

export const defaultSettings: SquareSettings = {
	scopes: [...allScopes],
	isRevoked: false,
	currency: "USD",
	timezone: "America/New_York",
	namesBadChange: true,
	throttlesInPart: false,
	sellsAt: "online",
	deliveryDelayMs: 1_000,
	deliversToHttp: true,
};

export const settingsOf = (store: Pick<SandboxStore, "settings">): SquareSettings => ({
	...defaultSettings,
	...store.settings,
});

/** Of every account: where it sells, and another place of the same merchant. */
export const locationsOf = (store: Pick<SandboxStore, "secrets">) =>
	[store.secrets.locationId ?? "", store.secrets.otherLocationId ?? ""] as const;

/** Letters and digits as Square's ids have them. */
export function newId(random: () => number, length = 24): string {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	return Array.from({ length }, () => signs[Math.floor(random() * signs.length)]).join("");
}
