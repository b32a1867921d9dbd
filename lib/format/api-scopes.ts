/** What an API key may do, in words for the person who makes one. The public API and the settings page share them. */
export const apiScopes = ["levels:read", "levels:write", "reservations:write", "skus:write"] as const;
export type ApiScope = (typeof apiScopes)[number];

export const scopeWords: Record<ApiScope, { label: string; detail: string }> = {
	"levels:read": { label: "Read stock", detail: "SKUs, levels, locations and what each channel is offered." },
	"levels:write": { label: "Change stock", detail: "Sets and adjusts on hand." },
	"reservations:write": { label: "Reserve", detail: "Holds stock for a cart, confirms and releases it." },
	"skus:write": { label: "Change SKUs", detail: "Says what a bundle is made of." },
};
