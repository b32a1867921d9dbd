import { expect, test } from "vitest";
import { type Outcome, orThrow, Refusal } from "./channel-actions";

const refused = (fields?: Record<string, string>): Promise<Outcome<string>> =>
	Promise.resolve({ ok: false, reason: "no_token", sentence: "Paste the token.", ...(fields && { fields }) });

test("a refusal brings what it says beside each field", async () => {
	await expect(orThrow(refused({ token: "Paste the token." }))).rejects.toMatchObject({
		message: "Paste the token.",
		fields: { token: "Paste the token." },
	});
});

test("a refusal about no field in particular names none", async () => {
	const thrown = await orThrow(refused()).catch((error: unknown) => error);
	expect(thrown).toBeInstanceOf(Refusal);
	expect(thrown).toMatchObject({ fields: {} });
});

test("what was done is its value", async () => {
	await expect(orThrow(Promise.resolve({ ok: true, value: "done" }))).resolves.toBe("done");
});
