/** What a form of the way in hears back: nothing yet, or what is wrong and where. */
export type FormState = {
	/** About the whole form. */
	sentence?: string;
	/** By field name. */
	fields?: Record<string, string>;
	/** What was typed, so that a form without scripts keeps it; never a password. */
	values?: Record<string, string>;
};

export type FormAction = (before: FormState, form: FormData) => Promise<FormState>;
