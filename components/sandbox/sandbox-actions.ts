"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ConnectOutcome, Outcome } from "@/components/channels/channel-actions";
import { orThrow } from "@/components/channels/channel-actions";
import { showDone, showFailed } from "@/components/ui/toast";
import { type SandboxStoreView, sandboxKey } from "@/lib/queries/sandbox";

export type StoreAct =
	| { act: "buy"; lines: { sku: string; quantity: number }[] }
	| { act: "cancel"; orderId: string; restock: boolean }
	| { act: "refund"; orderId: string; lines: { sku: string; quantity: number }[]; restock: boolean }
	| { act: "edit"; orderId: string; sku: string; quantity: number }
	| { act: "type_quantity"; sku: string; quantity: number };

export type ActOutcome = { result: "done"; number: string | null } | { result: "refused"; message: string };

export type TurnedKnobs = Partial<SandboxStoreView["knobs"]>;

export type SandboxActions = {
	make: (input: unknown) => Promise<Outcome<{ storeId: string }>>;
	remove: (storeId: string) => Promise<Outcome>;
	connect: (storeId: string) => Promise<Outcome<ConnectOutcome>>;
	turnKnobs: (storeId: string, knobs: TurnedKnobs) => Promise<Outcome>;
	dropWebhooks: (storeId: string) => Promise<Outcome>;
	calm: (storeId: string) => Promise<Outcome>;
	setBuyers: (storeId: string, ordersPerMinute: number) => Promise<Outcome>;
	setCron: (storeId: string, cronEveryMs: number) => Promise<Outcome>;
	setUp: (storeId: string, setup: { key: string; value: string }) => Promise<Outcome>;
	act: (storeId: string, act: StoreAct) => Promise<Outcome<ActOutcome>>;
};

/** One thing done by hand in a store; the platform's own refusal is shown in its own words. */
export function useAct(storeId: string, actions: SandboxActions) {
	const client = useQueryClient();
	return useMutation({
		mutationFn: (act: StoreAct) => orThrow(actions.act(storeId, act)),
		onSuccess: (outcome) => {
			if (outcome.result === "refused") showFailed("The store refused it", { detail: outcome.message });
			else if (outcome.number) showDone(`Order ${outcome.number} is placed`);
		},
		onError: (error) => showFailed("Nothing was done", { detail: error.message }),
		onSettled: () => client.invalidateQueries({ queryKey: sandboxKey }),
	});
}

/** A setting of a store. */
export function useSetting<Value>(change: (value: Value) => Promise<Outcome>) {
	const client = useQueryClient();
	return useMutation({
		mutationFn: (value: Value) => orThrow(change(value)),
		onError: (error) => showFailed("It was not changed", { detail: error.message }),
		onSettled: () => client.invalidateQueries({ queryKey: sandboxKey }),
	});
}
