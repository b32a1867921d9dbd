import { expect, test } from "vitest";
import { installReply } from "./connect-install";

const search = "?code=a+b&context=stores%2Fabc&scope=x%22y";

test("what the platform brought arrives whole on the page where a person decides", () => {
	const reply = installReply("bigcommerce", search, false);
	expect(reply.status).toBe(303);
	const page = new URL(reply.headers.get("location") ?? "", "http://onecount.test");
	expect(page.pathname).toBe("/channels/connect/bigcommerce");
	expect(new URLSearchParams(page.searchParams.get("install") ?? "").get("context")).toBe("stores/abc");
	expect(new URLSearchParams(page.searchParams.get("install") ?? "").get("code")).toBe("a b");
});

test("in a frame it is a link that leads out of it, and nothing of the address is read as a page", async () => {
	const reply = installReply("bigcommerce", `${search}&x="><script>alert(1)</script>`, true);
	const html = await reply.text();
	expect(html).toMatch(/<a href="\/channels\/connect\/bigcommerce\?install=[^"<>]+" target="_blank" rel="noopener">/);
	expect(html).not.toContain("<script");
});
