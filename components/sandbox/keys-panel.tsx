"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { orThrow } from "@/components/channels/channel-actions";
import { stepHref } from "@/components/channels/connect/wizard-panel";
import { CopyField } from "@/components/channels/copy-field";
import { Button, ButtonLink } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Panel } from "@/components/ui/panel";
import { showFailed } from "@/components/ui/toast";
import { type SandboxStoreView, sandboxKey } from "@/lib/queries/sandbox";
import type { SandboxActions } from "./sandbox-actions";

/** What a real merchant would copy out of the store's admin, and the click that spares it. */
export function KeysPanel({ store, actions }: { store: SandboxStoreView; actions: SandboxActions }) {
	const client = useQueryClient();
	const router = useRouter();
	const connect = useMutation({
		mutationFn: () => orThrow(actions.connect(store.id)),
		onSuccess: (outcome) => {
			if (outcome.result === "connected") return router.push(stepHref(outcome.channelId, "check"));
			const failed = outcome.checks.find(({ state }) => state === "failed");
			showFailed("The store was not connected", { detail: failed?.sentence });
		},
		onError: (error) => showFailed("The store was not connected", { detail: error.message }),
		onSettled: () => client.invalidateQueries({ queryKey: sandboxKey }),
	});
	const wizard = `/channels/connect/${store.platform}?${new URLSearchParams({ address: store.baseUrl })}`;
	return (
		<Panel
			title={store.channelId ? "Connected" : "Its keys"}
			footer={store.keys ? <RemoveStore store={store} remove={actions.remove} /> : undefined}
			isPadded
		>
			<div className="flex flex-col gap-3">
				{store.channelId ? (
					<ButtonLink href={`/channels/${store.channelId}`}>Open the channel</ButtonLink>
				) : (
					store.keys && (
						<div className="flex gap-2 *:flex-1">
							<Button kind="ink" onClick={() => connect.mutate()} isBusy={connect.isPending}>
								Connect it
							</Button>
							<ButtonLink href={wizard}>By the wizard</ButtonLink>
							{store.ownersDoor && <OwnersDoor {...store.ownersDoor} />}
						</div>
					)
				)}
				{store.entryNote && <p className="text-small text-muted">{store.entryNote}</p>}
				<CopyField label="Address" value={store.baseUrl} />
				{store.keys ? (
					store.keys.map(({ name, ...key }) => <CopyField key={name} {...key} />)
				) : (
					<p className="text-small text-muted">An owner or a manager sees the keys.</p>
				)}
			</div>
		</Panel>
	);
}

/** As its owner does it in the platform's list of apps; the store's page then opens our address in this browser. */
function OwnersDoor({ label, path, parameter, returnPath }: NonNullable<SandboxStoreView["ownersDoor"]>) {
	const open = () =>
		window.location.assign(`${path}?${new URLSearchParams({ [parameter]: window.location.origin + returnPath })}`);
	return <Button onClick={open}>{label}</Button>;
}

function RemoveStore({ store, remove }: { store: SandboxStoreView; remove: SandboxActions["remove"] }) {
	const client = useQueryClient();
	const router = useRouter();
	const act = useMutation({
		mutationFn: () => orThrow(remove(store.id)),
		onSuccess: () => {
			router.push("/sandbox");
			return client.invalidateQueries({ queryKey: sandboxKey });
		},
		onError: (error) => showFailed("The store was not removed", { detail: error.message }),
	});
	return (
		<Dialog
			title={`Remove ${store.name}`}
			description={
				store.channelId
					? "The store and its orders are gone for good. Its channel stays and will find nobody there: disconnect it first."
					: "The store and its orders are gone for good."
			}
			trigger={<Button kind="quiet">Remove this store</Button>}
			footer={
				<>
					<DialogClose>
						<Button>Keep it</Button>
					</DialogClose>
					<Button kind="bad" onClick={() => act.mutate()} isBusy={act.isPending}>
						Remove {store.name}
					</Button>
				</>
			}
		/>
	);
}
