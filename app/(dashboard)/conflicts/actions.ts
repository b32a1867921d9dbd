"use server";

import { requireMember } from "@/lib/auth/gate";
import { runAction } from "@/lib/services/action";
import { decideConflict, decideConflictSchema } from "@/lib/services/conflicts/decide-conflict";
import {
	escalateConflict,
	escalateConflictSchema,
	snoozeConflict,
	snoozeConflictSchema,
} from "@/lib/services/conflicts/put-off-conflict";
import { undoDecision, undoDecisionSchema } from "@/lib/services/conflicts/undo-decision";

export async function decideConflictAction(input: unknown) {
	return runAction("decide a conflict", async () =>
		decideConflict(await requireMember("support"), decideConflictSchema.parse(input)),
	);
}

export async function undoDecisionAction(input: unknown) {
	return runAction("take a decision back", async () =>
		undoDecision(await requireMember("support"), undoDecisionSchema.parse(input)),
	);
}

export async function snoozeConflictAction(input: unknown) {
	return runAction("snooze a conflict", async () =>
		snoozeConflict(await requireMember("support"), snoozeConflictSchema.parse(input)),
	);
}

export async function escalateConflictAction(input: unknown) {
	return runAction("escalate a conflict", async () =>
		escalateConflict(await requireMember("support"), escalateConflictSchema.parse(input)),
	);
}
