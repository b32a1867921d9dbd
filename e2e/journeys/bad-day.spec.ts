import { expect } from "@playwright/test";
import { test } from "../fixtures/newcomer";

test("a toy store answers with a web page and forgets its webhooks, by hand from its page", async ({
	page,
	newcomer,
}) => {
	await newcomer.signIn(page);
	await page.goto("/sandbox");
	await page.getByRole("button", { name: "Make a store" }).click();
	await page.getByRole("menuitem", { name: "Shopify" }).click();
	await page.waitForURL(/store=/);

	const garbled = page.getByRole("combobox", { name: "Its answers: come garbled" });
	await garbled.click();
	await page.getByRole("option", { name: "as a web page" }).click();
	await expect(garbled).toHaveText("as a web page");
	await page.getByRole("button", { name: "Make it a good day: all knobs to zero" }).click();
	await expect(garbled).toHaveText("no");

	await page.getByRole("button", { name: "Connect it", exact: true }).click();
	await page.waitForURL(/\/channels\//);
	await page.goBack();
	const drop = page.getByRole("button", { name: "Drop its webhooks" });
	// Some may still be on their way to be registered.
	await expect(async () => {
		await drop.click({ timeout: 5_000 });
		await expect(page.getByText("goes to 0 webhooks")).toBeVisible();
	}).toPass();
	await expect(drop).toBeDisabled();
});
