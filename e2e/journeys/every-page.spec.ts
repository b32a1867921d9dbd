/** Every page of the app, in both themes and at both widths: nothing that axe objects to, no error, no sideways scrolling. */
import { readdirSync } from "node:fs";
import path from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, expect, type Page } from "@playwright/test";
import { connectablePlatforms } from "@/lib/channels/registry";
import { waysIn } from "@/lib/services/channels/ways-in";
import { type Furnished, furnish } from "../fixtures/furnished-shop";
import { test } from "../fixtures/newcomer";

type Visit = {
	/** The page's file under app/, as its address pattern. */
	route: string;
	/** Null: the pattern is the address. */
	at?: string;
	/** What only this page, whole and with its data, shows. */
	sees: string | RegExp;
	isSignedOut?: true;
	isMissing?: true;
};

const nobody = "00000000-0000-4000-8000-000000000000";

const visits = async (shop: Furnished): Promise<Visit[]> => [
	{ route: "/overview", sees: "Needs you" },
	{ route: "/inventory", sees: "Camp Stove Duo" },
	{ route: "/inventory", at: "/inventory?start=csv", sees: "Bring SKUs by CSV" },
	{ route: "/inventory", at: "/inventory?q=nothing-like-it", sees: "No SKU fits this filter." },
	{ route: "/inventory/[skuId]", at: `/inventory/${shop.skuId}`, sees: /Why is it \d+/ },
	{ route: "/inventory/[skuId]", at: `/inventory/${nobody}`, sees: "Not here", isMissing: true },
	{ route: "/mappings", sees: "Camp Stove Duo" },
	{ route: "/mappings", at: "/mappings?rows=listings", sees: "Camp Stove Duo" },
	{ route: "/channels", sees: "Seven stores, one count." },
	{ route: "/channels/[channelId]", at: `/channels/${shop.channelId}`, sees: "What the store allows" },
	{ route: "/channels/connect", sees: "What kind of store is it?" },
	...(await connectForms()),
	{
		route: "/channels/connect/[platform]/[attemptId]",
		at: `/channels/connect/woocommerce/${shop.attemptId}`,
		sees: "Not checked: the shop does not let us in.",
	},
	...(
		[
			["check", "Keys are right"],
			["location", "Whose stock does this store sell?"],
			["read", "listings read"],
			["match", "linked"],
			["dry-run", "Pushing is on."],
		] as const
	).map(([step, sees]) => ({
		route: "/channels/[channelId]/setup/[step]",
		at: `/channels/${shop.channelId}/setup/${step}`,
		sees: new RegExp(sees.replace("?", "\\?")),
	})),
	{
		route: "/channels/[channelId]/setup/[step]",
		at: `/channels/${shop.otherChannelId}/setup/dry-run`,
		sees: "This is an unusual share of the catalogue.",
	},
	...shop.others.flatMap(({ channelId, storeId }) => [
		{ route: "/channels/[channelId]", at: `/channels/${channelId}`, sees: "What the store allows" },
		{ route: "/channels/[channelId]/setup/[step]", at: `/channels/${channelId}/setup/check`, sees: "Keys are right" },
		{ route: "/sandbox", at: `/sandbox?store=${storeId}`, sees: "On the wire" },
	]),
	{ route: "/activity", sees: /^\d\d:\d\d:\d\d/ },
	{ route: "/activity", at: `/activity?line=${shop.lineId}`, sees: "Why is it" },
	{ route: "/conflicts", at: `/conflicts?id=${shop.conflictId}`, sees: "was sold twice" },
	{ route: "/conflicts", at: "/conflicts?tab=snoozed", sees: /[Nn]othing/ },
	{ route: "/sandbox", at: `/sandbox?store=${shop.storeId}`, sees: "On the wire" },
	{ route: "/settings", sees: "Functions" },
	{ route: "/settings/strategies", sees: "What would each strategy have cost?" },
	{ route: "/settings/webhooks/[endpointId]", at: `/settings/webhooks/${shop.endpointId}`, sees: "level.changed" },
	{ route: "/settings/webhooks/[endpointId]", at: `/settings/webhooks/${nobody}`, sees: "Not here", isMissing: true },
	{ route: "not-found", at: "/nothing-here", sees: "There is nothing at this address", isMissing: true },
	{ route: "/sign-in", sees: "Sign in", isSignedOut: true },
	{ route: "/sign-up", sees: "What do you sell under?", isSignedOut: true },
	{ route: "/sign-in/link", at: shop.signInLink, sees: "Welcome back", isSignedOut: true },
	{ route: "/sign-in/link", sees: "This link is spent", isSignedOut: true },
	{ route: "/invitation", at: shop.invitation, sees: /Join Nordlicht/, isSignedOut: true },
	{ route: "/invitation", sees: "This invitation is spent", isSignedOut: true },
];

/** Every way into a store of every platform. */
async function connectForms(): Promise<Visit[]> {
	const platforms = await Promise.all(connectablePlatforms.map((platform) => waysIn(platform, { origin: "" })));
	return platforms.flatMap(({ platform, ways }) =>
		ways.map(({ key, help }) => ({
			route: "/channels/connect/[platform]",
			at: `/channels/connect/${platform}?way=${key}`,
			sees: help.steps?.[0] ?? help.lines?.[0] ?? help.title,
		})),
	);
}

const widths: { name: string; options: BrowserContextOptions }[] = [
	{ name: "1440", options: { viewport: { width: 1440, height: 900 } } },
	{ name: "390", options: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } },
];

// What is found says where it was; traces and pictures of each page would take longer than the looking.
test.use({ trace: "off", screenshot: "off" });

test("no page has anything that axe objects to, an error, or sideways scrolling", async ({
	page,
	newcomer,
	browser,
	baseURL,
}) => {
	// On busy cores slow is not wrong.
	test.setTimeout(600_000);
	const all = await visits(await furnish(page, newcomer));
	const storageState = await page.context().storageState();
	const findings = await Promise.all(
		widths.map(({ name, options }) => walk(browser, all, { ...options, baseURL }, storageState, name)),
	);
	expect(findings.flat()).toEqual([]);
});

test("every page of the app is visited", async () => {
	const app = path.resolve(import.meta.dirname, "../../app");
	const pages = readdirSync(app, { recursive: true, encoding: "utf8" })
		.filter((file) => path.basename(file) === "page.tsx")
		.map((file) => `/${path.dirname(file)}`.replace(/\/(\([^)]+\)|\.$)/g, "") || "/");
	const all = await visits({ others: [] } as unknown as Furnished);
	const visited = new Set(all.map(({ route }) => route));
	expect(pages.length).toBeGreaterThan(10);
	// It only leads to the overview.
	visited.add("/");
	expect(pages.filter((route) => !visited.has(route))).toEqual([]);
});

type Theme = "light" | "dark";

/**
 * All visits at one width, one after the other; whatever is wrong is a line in what comes back. A page is looked at in both
 * themes where it is first visited; at its further addresses it is made of the same parts, and one width takes the one
 * theme, the other width the other.
 */
async function walk(
	browser: Browser,
	all: readonly Visit[],
	options: BrowserContextOptions,
	storageState: BrowserContextOptions["storageState"],
	width: string,
): Promise<string[]> {
	const findings: string[] = [];
	const seen = new Set<string>();
	const [one, other]: [Theme, Theme] = options.isMobile ? ["dark", "light"] : ["light", "dark"];
	for (const isSignedOut of [false, true]) {
		const context = await browser.newContext({
			...options,
			reducedMotion: "reduce",
			storageState: isSignedOut ? undefined : storageState,
		});
		const page = await context.newPage();
		let errors: string[] = [];
		page.on("pageerror", (error) => errors.push(error.message));
		page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
		for (const [index, visit] of all.entries()) {
			if (Boolean(visit.isSignedOut) !== isSignedOut) continue;
			errors = [];
			const address = visit.at ?? visit.route;
			const themes: Theme[] = seen.has(visit.route) ? [index % 2 === 0 ? one : other] : ["light", "dark"];
			seen.add(visit.route);
			const found = await look(page, address, visit, themes).catch((error: Error) => [error.message]);
			// The browser itself says that the address was not found, as it should.
			const said = errors.filter((text) => !(visit.isMissing && text.includes("status of 404")));
			findings.push(...[...found, ...said].map((what) => `${address} at ${width}: ${what}`));
		}
		await context.close();
	}
	return findings;
}

async function look(
	page: Page,
	address: string,
	{ sees, isMissing }: Visit,
	themes: readonly Theme[],
): Promise<string[]> {
	await page.emulateMedia({ colorScheme: themes[0] });
	const response = await page.goto(address);
	expect(response?.status()).toBe(isMissing ? 404 : 200);
	await expect(page.getByText(sees).filter({ visible: true }).first()).toBeVisible();
	await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
	const findings: string[] = [];
	for (const theme of themes) {
		await page.emulateMedia({ colorScheme: theme });
		// In one document: the other mode opens a page for each result.
		const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
		// The themes differ in colours alone.
		if (theme === "dark") axe.withRules(["color-contrast", "link-in-text-block"]);
		const { violations } = await axe.analyze();
		for (const { id, nodes } of violations)
			findings.push(`${id} (${theme}): ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
	}
	const sideways = await page.evaluate(() => {
		const { scrollWidth, clientWidth } = document.documentElement;
		return scrollWidth - clientWidth;
	});
	if (sideways > 0) findings.push(`the document is ${sideways} px too wide`);
	return findings;
}
