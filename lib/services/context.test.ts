import { describe, expect, it } from "vitest";
import { type Role, roles } from "@/db/schema/identity";
import { authorise, isAtLeast } from "./context";
import { Forbidden } from "./errors";

describe("a role", () => {
	it("may do what it and every lesser role may, and nothing above", () => {
		const may = (role: Role) => roles.filter((minimum) => isAtLeast(role, minimum));
		expect(may("owner")).toEqual(["owner", "manager", "support", "viewer"]);
		expect(may("manager")).toEqual(["manager", "support", "viewer"]);
		expect(may("support")).toEqual(["support", "viewer"]);
		expect(may("viewer")).toEqual(["viewer"]);
	});

	it("that is not enough is refused by name, with who can change it", () => {
		expect(() => authorise({ role: "support" }, "manager")).toThrow(Forbidden);
		expect(() => authorise({ role: "manager" }, "manager")).not.toThrow();
		expect(() => authorise({ role: "system" }, "owner")).not.toThrow();
	});
});
