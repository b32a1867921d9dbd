import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { platformPlates } from "@/components/channel/platform-plate";

const css = readFileSync(path.join(import.meta.dirname, "../../app/globals.css"), "utf8");

type Rgb = readonly [number, number, number];

/** OKLCH → linear sRGB, clipped to the gamut as a browser's screen does. */
function linear(lightness: number, chroma: number, hue: number): Rgb {
	const a = chroma * Math.cos((hue * Math.PI) / 180);
	const b = chroma * Math.sin((hue * Math.PI) / 180);
	const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
	const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
	const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
	const clip = (value: number) => Math.min(1, Math.max(0, value));
	return [
		clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
		clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
		clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
	];
}

const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** WCAG 2's ratio, 1..21. */
function contrast(one: Rgb, other: Rgb): number {
	const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
	return (light + 0.05) / (dark + 0.05);
}

const oklch = String.raw`oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)`;
const tokens = new Map(
	[...css.matchAll(new RegExp(`--([a-z-]+): light-dark\\(${oklch}, ${oklch}\\);`, "g"))].map((match) => {
		const [l1, c1, h1, l2, c2, h2] = match.slice(2).map(Number) as [number, number, number, number, number, number];
		return [match[1], { light: linear(l1, c1, h1), dark: linear(l2, c2, h2) }];
	}),
);

const themes = ["light", "dark"] as const;
type Theme = (typeof themes)[number];

function token(name: string, theme: Theme): Rgb {
	const found = tokens.get(name);
	if (!found) throw new Error(`--${name} is not a token of globals.css`);
	return found[theme];
}

const surfaces = ["bg", "panel", "sunk", "raise", "select"];
const states = ["ok", "go", "warn", "bad"];

describe.each(themes)("in the %s theme", (theme) => {
	it("black on white is 21:1, so the ruler is right", () => {
		expect(contrast(linear(0, 0, 0), linear(1, 0, 0))).toBeCloseTo(21, 1);
		// #767676 on white, the textbook's 4.54.
		expect(contrast(linear(0.5682, 0, 0), linear(1, 0, 0))).toBeCloseTo(4.54, 1);
	});

	it.each(["text", "muted"].flatMap((ink) => surfaces.map((surface) => [ink, surface] as const)))(
		"%s reads on %s",
		(ink, surface) => {
			expect(contrast(token(ink, theme), token(surface, theme))).toBeGreaterThanOrEqual(4.5);
		},
	);

	it.each(states)("%s reads as text on panel, on its soft ground and on a selected row", (state) => {
		for (const surface of ["panel", "bg", `${state}-soft`, "select"])
			expect(contrast(token(state, theme), token(surface, theme)), surface).toBeGreaterThanOrEqual(4.5);
	});

	it("text reads on every soft ground and on ink", () => {
		for (const state of states)
			expect(contrast(token("text", theme), token(`${state}-soft`, theme)), state).toBeGreaterThanOrEqual(4.5);
		expect(contrast(token("on-ink", theme), token("ink", theme))).toBeGreaterThanOrEqual(4.5);
	});

	it("shapes and the focus ring stand out from every surface", () => {
		for (const shape of [...states, "muted", "focus"])
			for (const surface of surfaces)
				expect(contrast(token(shape, theme), token(surface, theme)), `${shape} on ${surface}`).toBeGreaterThanOrEqual(
					3,
				);
	});

	it.each(Object.values(platformPlates))("the plate $letters reads", ({ hue }) => {
		const [letters, ground] =
			theme === "light"
				? [linear(0.32, 0.08, hue), linear(0.92, 0.05, hue)]
				: [linear(0.88, 0.08, hue), linear(0.34, 0.06, hue)];
		expect(contrast(letters, ground)).toBeGreaterThanOrEqual(4.5);
	});
});
