"use server";

import { requireMember } from "@/lib/auth/gate";
import { runAction } from "@/lib/services/action";
import { askForComparison } from "@/lib/services/strategies/ask-for-comparison";

export async function askForComparisonAction(input: unknown) {
	return runAction("compare strategies", async () => askForComparison(await requireMember("manager"), input));
}
