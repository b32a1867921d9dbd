import type { Reading } from "./paste-reading";

/**
 * How people connect a store by pasting what its admin shows them, as data: the wizard draws it, and the verb that
 * connects reads what was typed with it. One for each platform, beside its adapter.
 */
export type PasteField = {
	/** Its key in what was typed. */
	name: string;
	/** As the platform's own admin calls it. */
	label: string;
	placeholder: string;
	/** Where it stands, or what it looks like; null where the label says it all. */
	hint: string | null;
	/** Hidden while it is typed. */
	isSecret: boolean;
	isOptional: boolean;
};

export type PastedKeys = {
	access: Record<string, string>;
	/** When they stop to work; null: they don't. */
	expiresAt: Date | null;
	/** What signs the store's webhooks, where the platform decides it; null: it does, and it was not pasted. Absent: one is made. */
	webhookSecret?: string | null;
};

export type PasteForm = {
	/** What is asked for as the store's address; a sandbox store's address is taken there, too. */
	address: Pick<PasteField, "label" | "placeholder" | "hint">;
	fields: readonly PasteField[];
	/** What signs the store's news, where it is pasted: as within a sentence. */
	newsSecret?: string;
	/** Step by step, where to find them in the platform's admin. */
	help: readonly string[];
	/** What people type or paste as the address → where the store's API answers, without trailing slash. */
	readAddress(text: string): Reading<string>;
	/** What was typed, free of spaces and quotation marks, by name → access, or each mistake that is known beside its field. */
	readKeys(typed: Readonly<Record<string, string>>): Reading<PastedKeys>;
};
