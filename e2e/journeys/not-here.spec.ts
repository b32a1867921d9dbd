import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { test } from "../fixtures/newcomer";

test("what is not here, or another shop's, answers 404 with a page that says so", async ({ page, newcomer }) => {
	await newcomer.signIn(page);
	const [theirs] = await newcomer.sql<{ id: string }[]>`
		insert into merchants (id, name, slug) values (${randomUUID()}, 'Another', ${randomUUID()}) returning id`;
	const [sku] = await newcomer.sql<{ id: string }[]>`
		insert into skus (merchant_id, code, title) values (${theirs?.id ?? ""}, 'THEIRS', 'Theirs') returning id`;
	for (const path of [
		`/inventory/${sku?.id}`,
		`/inventory/${randomUUID()}`,
		"/inventory/nothing",
		`/channels/${randomUUID()}`,
		`/channels/${randomUUID()}/setup/check`,
		"/channels/connect/nothing",
		`/settings/webhooks/${randomUUID()}`,
	]) {
		const response = await page.goto(path);
		expect([path, response?.status()]).toEqual([path, 404]);
		await expect(page.getByText("This is not here.")).toBeVisible();
	}
	await newcomer.sql`delete from skus where merchant_id = ${theirs?.id ?? ""}`;
	await newcomer.sql`delete from merchants where id = ${theirs?.id ?? ""}`;
});
