import { randomUUID } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { type Newcomer, test } from "../fixtures/newcomer";

async function expectAccessible(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** A SKU that nobody has counted, where stock lies. */
async function makeSku({ sql, merchantId }: Newcomer, code: string) {
	await sql`insert into skus (merchant_id, code, title) values (${merchantId}, ${code}, 'Mug')`;
	const [location] = await sql<{ id: string }[]>`select id from locations where merchant_id = ${merchantId}`;
	return location?.id ?? "";
}

test("a manager makes a key, another system counts and reserves with it, and nothing works once it is revoked", async ({
	page,
	newcomer,
	request,
}) => {
	const locationId = await makeSku(newcomer, "MUG/1 é");
	await newcomer.signIn(page);
	await page.goto("/settings");
	await page.getByRole("button", { name: "New key" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("Name").fill("Warehouse ERP");
	await dialog.getByRole("checkbox", { name: /^Change stock/ }).click();
	await dialog.getByRole("checkbox", { name: /^Reserve/ }).click();
	await expectAccessible(page);
	await dialog.getByRole("button", { name: "Make the key" }).click();
	const key = await dialog.getByLabel("Key of Warehouse ERP", { exact: true }).inputValue();
	expect(key).toMatch(/^oc_[\w-]{43}$/);
	await dialog.getByRole("button", { name: "I have it" }).click();
	await expect(page.getByText(`${key.slice(0, 11)}…`)).toBeVisible();
	await expect(page.getByText("never used")).toBeVisible();

	const headers = () => ({ authorization: `Bearer ${key}`, "idempotency-key": randomUUID() });
	const sku = `/api/v1/skus/${encodeURIComponent("MUG/1 é")}`;
	const counted = await request.put(`${sku}/levels/${locationId}`, {
		headers: headers(),
		data: { onHand: 5, seen: { onHand: null } },
	});
	expect(await counted.json()).toMatchObject({ sku: "MUG/1 é", onHand: 5, version: 1 });
	const held = await request.post("/api/v1/reservations", {
		headers: headers(),
		data: { lines: [{ sku: "MUG/1 é", quantity: 2 }], reference: "CART-7" },
	});
	expect(held.status()).toBe(201);
	expect(await (await request.get(sku, { headers: headers() })).json()).toMatchObject({
		available: 3,
		levels: [{ onHand: 5, reserved: 2 }],
	});
	const refused = await request.put(`${sku}/levels/${locationId}`, {
		headers: headers(),
		data: { onHand: -1, seen: { version: 1 } },
	});
	expect(refused.status()).toBe(422);
	expect(refused.headers()["content-type"]).toContain("application/problem+json");

	await page.goto("/activity");
	await expect(page.getByText(/Mug.* 5 → 3, reserved by Warehouse ERP: “CART-7”/).first()).toBeVisible();

	await page.goto("/settings");
	await expect(page.getByText(/last used/)).toBeVisible();
	await page.getByRole("button", { name: "Revoke Warehouse ERP" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Revoke Warehouse ERP" }).click();
	await expect(page.getByText("No other system has a key.")).toBeVisible();
	expect((await request.get(sku, { headers: headers() })).status()).toBe(401);
});

test("a manager makes an endpoint, sees what came of a test, sends it again, switches it off and removes it", async ({
	page,
	newcomer,
}) => {
	await newcomer.signIn(page);
	await page.goto("/settings");
	await page.getByRole("button", { name: "New endpoint" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("Address").fill("http://127.0.0.1/hook");
	await dialog.getByRole("button", { name: "Make the endpoint" }).click();
	await expect(dialog.getByText(/The address begins with https/)).toBeVisible();
	await dialog.getByLabel("Address").fill("https://erp.nordlicht.invalid/hook");
	await dialog.getByRole("checkbox", { name: /^Conflict opened/ }).click();
	await dialog.getByRole("button", { name: "Make the endpoint" }).click();
	await expect(dialog.getByLabel("Signing secret", { exact: true })).toHaveValue(/^whsec_/);
	await expectAccessible(page);
	await dialog.getByRole("button", { name: "I have it" }).click();

	await page.getByRole("link", { name: /erp\.nordlicht\.invalid/ }).click();
	await page.waitForURL(/\/settings\/webhooks\//);
	await expect(page.getByText("It has not been told anything yet.")).toBeVisible();
	await page.getByRole("button", { name: "Send a test" }).click();
	const message = page.getByRole("listitem").filter({ hasText: "endpoint.tested" });
	await expect(message.getByText(/not taken yet/).first()).toBeVisible();
	await message.getByText("endpoint.tested").first().click();
	await expect(message.getByText("erp.nordlicht.invalid can't be reached.").first()).toBeVisible();
	await expectAccessible(page);
	await message.getByRole("button", { name: "Send again" }).click();
	await expect(message.getByText(/^\d+ tries$/)).toBeVisible();

	await page.getByRole("button", { name: "New secret…" }).click();
	await dialog.getByRole("button", { name: "Make a new one" }).click();
	await expect(dialog.getByLabel("Signing secret", { exact: true })).toHaveValue(/^whsec_/);
	await dialog.getByRole("button", { name: "I have it" }).click();

	await page.getByRole("button", { name: "Switch off" }).click();
	await expect(page.getByText("While it is off nothing is written for it.", { exact: false })).toBeVisible();
	await page.getByRole("button", { name: "Remove" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
	await page.waitForURL(/\/settings$/);
	await expect(page.getByText("No other system is told of changes.")).toBeVisible();
});
