/** What a WooCommerce sandbox store is set to, beside its state: the shop as a probe of a real one found it, and how shops differ. */
import type { SandboxStore } from "../sandbox-platform";

export type WooSettings = {
	/** Plain: the REST API answers pages, and keys don't work at `?rest_route=`. */
	permalinks: "pretty" | "plain";
	/** WordPress is being updated. */
	isInMaintenance: boolean;
	/** PHP prints a warning into every answer. */
	printsWarning: boolean;
	/** False: WooCommerce is deactivated, WordPress answers alone. */
	hasWooCommerce: boolean;
	/** False: older than 10.3, no list of all variations. */
	hasVariationsRoute: boolean;
	/** False: a sale does not move the stamp of what it sold. */
	salesMoveStamps: boolean;
	/** Stock management for the whole shop. */
	countsStock: boolean;
	/** High-performance order storage; without it a trashed order also fires product.deleted. */
	hasOrderTables: boolean;
	/** What the shop's own key may do; removed: WooCommerce no longer knows it. */
	ownKey: "read_write" | "read" | "removed";
	timezone: string;
	currency: string;
	/**
	 * WP-Cron: news is sent when a request comes and the last run is older than this. 60 s on a real shop, where a quiet
	 * shop sends nothing; 0: with every change. Never shortened silently: who wants a faster shop says so.
	 */
	cronEveryMs: number;
	/** False: WP-Cron is switched off and the host's timer never comes. */
	hasWpCron: boolean;
	/** Time between reading and writing in `inventory_delta`, in which a sale is lost. */
	deltaWindowMs: number;
	/** Checkouts that look at the stock at once: as many as the shop's host has cores, and so many can sell the last unit. */
	checkoutsAtOnce: number;
	/** Has a way to pay that leaves the order pending and its units held. */
	hasOffsiteGateway: boolean;
	/**
	 * The deliberate deviation: WordPress calls no private address and no unusual port. Sandbox shops and Onecount meet on
	 * loopback, so new stores may; switch it off to have WordPress's own refusal. Keys are then handed to https only, too.
	 */
	mayCallPrivate: boolean;
	/** A proxy ends TLS in front of the shop and does not say so: Basic credentials are ignored. */
	hidesTls: boolean;
};

export const defaultSettings: WooSettings = {
	permalinks: "pretty",
	isInMaintenance: false,
	printsWarning: false,
	hasWooCommerce: true,
	hasVariationsRoute: true,
	salesMoveStamps: true,
	countsStock: true,
	hasOrderTables: true,
	ownKey: "read_write",
	timezone: "Europe/Berlin",
	currency: "EUR",
	cronEveryMs: 60_000,
	hasWpCron: true,
	deltaWindowMs: 20,
	checkoutsAtOnce: 2,
	hasOffsiteGateway: false,
	mayCallPrivate: true,
	hidesTls: false,
};

export const settingsOf = (store: Pick<SandboxStore, "settings">): WooSettings => ({
	...defaultSettings,
	...store.settings,
});

export const wooVersion = "10.5.0";
export const wordpressVersion = "6.9.7";
