import { expect } from "@playwright/test";
import { test } from "../fixtures/newcomer";

test("while nothing answers the page says since when and that nothing was done, and it comes back by itself", async ({
	page,
	newcomer,
}) => {
	await newcomer.signIn(page);
	const nav = page.getByRole("navigation", { name: "Main" });
	await expect(nav.getByText("Live", { exact: true })).toBeVisible();

	let isAway = true;
	await page.route("**/*", (route) => {
		const request = route.request();
		const isAsked = request.url().includes("/api/") || request.method() === "POST";
		return isAway && isAsked ? route.abort("connectionrefused") : route.continue();
	});
	await page.reload();
	await expect(nav.getByText(/^Onecount does not answer since \d\d:\d\d$/)).toBeVisible();
	await page.getByRole("button", { name: "Pause pushes" }).click();
	await expect(
		page.getByText("Onecount does not answer, so nothing was done. Do it again when it is back."),
	).toBeVisible();

	isAway = false;
	await expect(nav.getByText("Live", { exact: true })).toBeVisible({ timeout: 40_000 });
	await page.getByRole("button", { name: "Pause pushes" }).click();
	await expect(page.getByRole("button", { name: "Resume" }).first()).toBeVisible();
});
