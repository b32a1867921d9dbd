"use server";

import { requireMember } from "@/lib/auth/gate";
import { runAction } from "@/lib/services/action";
import { adjustStock, adjustStockSchema } from "@/lib/services/skus/adjust-stock";
import { markLaunch, setSkuStrategy } from "@/lib/services/stock/set-strategy";

export async function adjustStockAction(input: unknown) {
	return runAction("adjust stock", async () =>
		adjustStock(await requireMember("support"), adjustStockSchema.parse(input)),
	);
}

export async function setStrategyAction(skuId: string, strategy: unknown) {
	return runAction("choose how it is shared", async () =>
		setSkuStrategy(await requireMember("manager"), skuId, strategy),
	);
}

export async function markLaunchAction(skuId: string, launch: unknown) {
	return runAction("mark a launch", async () => markLaunch(await requireMember("manager"), skuId, launch));
}
