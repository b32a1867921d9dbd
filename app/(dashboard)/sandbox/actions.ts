"use server";

import { requireMember } from "@/lib/auth/gate";
import { runAction } from "@/lib/services/action";
import * as sandbox from "@/lib/services/sandbox/change-sandbox";
import { setUpStore } from "@/lib/services/sandbox/store-setup";

export async function makeStoreAction(input: unknown) {
	return runAction("make a sandbox store", async () => sandbox.makeSandboxStore(await requireMember("manager"), input));
}

export async function removeStoreAction(storeId: string) {
	return runAction("remove a sandbox store", async () =>
		sandbox.removeSandboxStore(await requireMember("manager"), storeId),
	);
}

export async function connectStoreAction(storeId: string) {
	return runAction("connect a sandbox store", async () =>
		sandbox.connectOwnSandboxStore(await requireMember("manager"), storeId),
	);
}

export async function turnKnobsAction(storeId: string, knobs: unknown) {
	return runAction("turn knobs", async () => sandbox.turnKnobs(await requireMember("support"), storeId, knobs));
}

export async function calmKnobsAction(storeId: string) {
	return runAction("calm a sandbox store", async () => sandbox.calmKnobs(await requireMember("support"), storeId));
}

export async function dropWebhooksAction(storeId: string) {
	return runAction("drop a sandbox store's webhooks", async () =>
		sandbox.dropWebhooks(await requireMember("support"), storeId),
	);
}

export async function setBuyersAction(storeId: string, ordersPerMinute: number) {
	return runAction("set buyers", async () =>
		sandbox.setBuyers(await requireMember("support"), storeId, ordersPerMinute),
	);
}

export async function setCronAction(storeId: string, cronEveryMs: number) {
	return runAction("set a shop's cron", async () =>
		sandbox.setCron(await requireMember("support"), storeId, cronEveryMs),
	);
}

export async function setUpStoreAction(storeId: string, setup: unknown) {
	return runAction("set a sandbox store up", async () => setUpStore(await requireMember("support"), storeId, setup));
}

export async function actInStoreAction(storeId: string, act: unknown) {
	return runAction("act in a sandbox store", async () =>
		sandbox.actInStore(await requireMember("support"), storeId, act),
	);
}
