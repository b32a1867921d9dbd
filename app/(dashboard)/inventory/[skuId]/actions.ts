"use server";

import { requireMember } from "@/lib/auth/gate";
import { runAction } from "@/lib/services/action";
import { adjustStock, adjustStockSchema } from "@/lib/services/skus/adjust-stock";
import { setComponents } from "@/lib/services/skus/set-components";
import { markLaunch, setSkuStrategy } from "@/lib/services/stock/set-strategy";

export async function adjustStockAction(input: unknown) {
	return runAction("adjust stock", async () =>
		adjustStock(await requireMember("support"), adjustStockSchema.parse(input)),
	);
}

export async function setComponentsAction(skuId: string, components: unknown) {
	return runAction("say what it is made of", async () =>
		setComponents(await requireMember("manager"), skuId, components),
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
