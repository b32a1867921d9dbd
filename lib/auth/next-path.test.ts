import { expect, it } from "vitest";
import { home, safeNext } from "./next-path";

it.each(["/channels", "/inventory/42?tab=history", "/mappings?q=a%20b"])("goes on to %s after signing in", (path) => {
	expect(safeNext(path)).toBe(path);
});

it.each([
	"https://evil.example",
	"//evil.example",
	"/\\evil.example",
	"/\t/evil.example",
	"javascript:alert(1)",
	"/sign-in?next=/x",
	"/api/auth/signout",
	"",
	undefined,
	["/channels"],
])("never leaves for %j", (path) => {
	expect(safeNext(path)).toBe(home);
});
