import { expect } from "@playwright/test";
import { test } from "../fixtures/newcomer";

test("who came by a link sets a password in Settings, signs out, and gets back in by it", async ({
	page,
	newcomer,
}) => {
	await newcomer.sql`delete from user_credentials where user_id = ${newcomer.userId}`;
	const [me] = await newcomer.sql<{ email: string }[]>`select email from users where id = ${newcomer.userId}`;
	await newcomer.signIn(page);
	await page.goto("/settings");
	const panel = page.getByRole("region", { name: "Your password" });
	await panel.getByLabel("Password", { exact: true }).fill("short");
	await panel.getByRole("button", { name: "Set it" }).click();
	await expect(panel.getByRole("alert")).toContainText("at least");
	await panel.getByLabel("Password", { exact: true }).fill("a horse in the north light");
	await panel.getByRole("button", { name: "Set it" }).click();
	await expect(panel.getByRole("button", { name: "Change it" })).toBeVisible();

	await page.context().clearCookies();
	await page.goto("/sign-in");
	await expect(page.getByText("An owner of your shop makes you a link")).toBeVisible();
	await page.getByLabel("E-mail").fill(me?.email ?? "");
	await page.getByLabel("Password", { exact: true }).fill("a horse in the north light");
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.waitForURL(/\/overview/);

	await page.goto("/settings");
	await panel.getByLabel("Password so far").fill("a guess of somebody");
	await panel.getByLabel("New password").fill("another horse in the light");
	await panel.getByRole("button", { name: "Change it" }).click();
	await expect(panel.getByRole("alert")).toContainText("This is not your password so far.");
});
