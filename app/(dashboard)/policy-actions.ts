"use server";

import { requireMember } from "@/lib/auth/gate";
import { runAction } from "@/lib/services/action";
import { setOfferPolicy } from "@/lib/services/policies/set-offer-policy";

export async function setOfferPolicyAction(target: unknown, fields: unknown, isConfirmed: unknown) {
	return runAction("set what is offered", async () =>
		setOfferPolicy(await requireMember("manager"), target, fields, { isConfirmed: isConfirmed === true }),
	);
}
