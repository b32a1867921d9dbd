/**
 * One suite that every adapter passes against its sandbox store over HTTP. What a platform is comes from its adapter's
 * facts; what it is unable to do is said by whoever runs the suite, with the reason.
 */
import { afterEach, describe, test } from "vitest";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { checkAccess } from "./access";
import { checkCancel } from "./cancel";
import { allChecks, type CheckName, shareOfChecks } from "./checks";
import { checkConnect } from "./connect";
import { checkGarbled } from "./garbled";
import { checkHostile } from "./hostile";
import { checkLevels } from "./levels";
import { checkLife } from "./life";
import { checkListings } from "./listings";
import { checkLostAnswers } from "./lost-answers";
import type { ConformanceOptions } from "./options";
import { checkOrders } from "./orders";
import { openShop } from "./shop";
import type { Suite } from "./suite";
import { checkWebhooks } from "./webhooks";
import { checkWrites } from "./writes";

export type { ConformanceOptions } from "./options";

declare module "vitest" {
	interface TaskMeta {
		/** Why the platform is unable to do what the check asks for. */
		unable?: string;
	}
}

/** Set by `npm run conformance`; without it a share of the checks is run. */
const isWhole = process.env.ONECOUNT_CONFORMANCE === "whole";

/** Many stores, a database and a loaded machine. */
const timeoutMs = 90_000;

export function testChannelAdapter(options: ConformanceOptions): void {
	const { adapter, unable = {} } = options;
	describe(`${adapter.facts.label} conforms`, () => {
		const sandbox = sandboxForTests();
		afterEach(() => sandbox.resetClock());

		const left = new Set<CheckName>(allChecks);
		const suite: Suite = {
			adapter,
			facts: adapter.facts,
			options,
			sandbox,
			open: (seed: SeedProduct[]) => openShop(sandbox, options, seed),
			check(name, run, notHere = null) {
				if (!left.delete(name)) throw new Error(`"${name}" is checked twice.`);
				if (!isWhole && !shareOfChecks.has(name)) return;
				test(
					name,
					async ({ task, skip }) => {
						const giveUp = (reason: string): never => {
							task.meta.unable = reason;
							return skip(reason);
						};
						const reason = unable[name] ?? notHere;
						if (reason) giveUp(reason);
						await run(giveUp);
					},
					timeoutMs,
				);
			},
		};
		for (const area of areas) area(suite);
		if (left.size > 0) throw new Error(`Nothing checks: ${[...left].join("; ")}.`);
	});
}

const areas: ((suite: Suite) => void)[] = [
	checkConnect,
	checkListings,
	checkHostile,
	checkLevels,
	checkOrders,
	checkLife,
	checkWrites,
	checkLostAnswers,
	checkGarbled,
	checkAccess,
	checkWebhooks,
	checkCancel,
];
