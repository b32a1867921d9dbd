import { z } from "zod";

/** Whose policy: the merchant's own, or that of one channel, SKU or listing. */
export const policyTarget = z.discriminatedUnion("level", [
	z.object({ level: z.literal("merchant") }),
	z.object({ level: z.enum(["channel", "sku", "listing"]), id: z.guid("This is not here any more. Reload the page.") }),
]);
export type PolicyTarget = z.output<typeof policyTarget>;
