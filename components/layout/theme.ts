/** Light, dark, or what the system says. Kept in a cookie, so that the server draws the right one at once. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const themeOptions = [
	{ value: "system", label: "As the system" },
	{ value: "light", label: "Light" },
	{ value: "dark", label: "Dark" },
] as const satisfies readonly { value: Theme; label: string }[];

export const themeCookie = "onecount-theme";

export const readTheme = (value: string | undefined): Theme => themes.find((theme) => theme === value) ?? "system";

/** Shows a theme at once and keeps it for a year. */
export function applyTheme(theme: Theme): void {
	const root = document.documentElement;
	if (theme === "system") delete root.dataset.theme;
	else root.dataset.theme = theme;
	const age = theme === "system" ? 0 : 365 * 24 * 60 * 60;
	// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox
	document.cookie = `${themeCookie}=${theme}; path=/; max-age=${age}; samesite=lax`;
}
