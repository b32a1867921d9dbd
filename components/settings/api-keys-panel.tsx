"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { CopyField } from "@/components/channels/copy-field";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Panel, PanelState } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { TextField } from "@/components/ui/text-field";
import { type ApiScope, apiScopes, scopeWords } from "@/lib/format/api-scopes";
import { type ApiKeyView, apiKeysQuery } from "@/lib/queries/settings";
import type { SettingsActions } from "./settings-actions";
import { useChange } from "./use-change";

type Actions = Pick<SettingsActions, "makeKey" | "revokeKey">;

/** Which other systems may read and change stock. */
export function ApiKeysPanel({ actions }: { actions: Actions }) {
	const { data: keys, error, refetch } = useQuery(apiKeysQuery());
	return (
		<Panel title="API keys" hint="for an ERP, a PIM, a cart" actions={keys && <NewKey make={actions.makeKey} />}>
			{keys ? (
				<KeyList keys={keys} revoke={actions.revokeKey} />
			) : error ? (
				<PanelState
					kind="failed"
					sentence={error.message}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			) : (
				<SkeletonRows rows={2} />
			)}
		</Panel>
	);
}

function KeyList({ keys, revoke }: { keys: ApiKeyView[]; revoke: Actions["revokeKey"] }) {
	if (keys.length === 0)
		return (
			<PanelState
				kind="empty"
				sentence="No other system has a key."
				detail={
					<>
						With one it reads and changes stock here, as far as the key allows: see{" "}
						<a href="/api/v1/openapi.json" className="underline underline-offset-3">
							the API's description
						</a>
						.
					</>
				}
			/>
		);
	return (
		<ul>
			{keys.map((key) => (
				<li key={key.id} className="flex min-h-11 items-center gap-3 border-b px-3.5 py-1.5 last:border-b-0">
					<span className="min-w-0 flex-1">
						<span className="flex items-baseline gap-2">
							<span className="truncate">{key.name}</span>
							<code className="num text-small text-muted">{key.prefix}…</code>
						</span>
						<span className="block text-small text-muted">
							{key.scopes.map((scope) => scopeWords[scope].label).join(", ")}
							{" · "}
							{key.lastUsedAt ? (
								<>
									last used <RelativeTime at={key.lastUsedAt} />
								</>
							) : (
								"never used"
							)}
						</span>
					</span>
					<RevokeKey apiKey={key} revoke={revoke} />
				</li>
			))}
		</ul>
	);
}

function RevokeKey({ apiKey, revoke }: { apiKey: ApiKeyView; revoke: Actions["revokeKey"] }) {
	const act = useChange(() => revoke(apiKey.id));
	return (
		<Dialog
			title={`Revoke ${apiKey.name}`}
			description="Whatever uses this key is turned away from now on. It can't be brought back."
			trigger={
				<Button kind="quiet" aria-label={`Revoke ${apiKey.name}`}>
					Revoke
				</Button>
			}
			footer={
				<>
					<DialogClose>
						<Button>Keep it</Button>
					</DialogClose>
					<Button kind="bad" onClick={() => act.mutate(undefined)} isBusy={act.isPending}>
						Revoke {apiKey.name}
					</Button>
				</>
			}
		/>
	);
}

function NewKey({ make }: { make: Actions["makeKey"] }) {
	const [isOpen, setIsOpen] = useState(false);
	const [name, setName] = useState("");
	const [scopes, setScopes] = useState<readonly ApiScope[]>(["levels:read"]);
	const [made, setMade] = useState<string | null>(null);
	const act = useChange(make, { isSilent: true, onDone: ({ key }) => setMade(key) });
	const open = (next: boolean) => {
		setIsOpen(next);
		// Shown once: what is opened anew makes another.
		setMade(null);
		setName("");
		act.reset();
	};
	const submit = (event: FormEvent) => {
		event.preventDefault();
		act.mutate({ name, scopes: [...scopes] });
	};
	return (
		<Dialog
			title={made ? "Copy the key now" : "New API key"}
			description={
				made
					? "It is shown only this once; what is kept here can't bring it back."
					: "One for each system, so that one can be revoked without the others."
			}
			trigger={<Button>New key</Button>}
			isOpen={isOpen}
			onOpenChange={open}
			footer={
				made ? (
					<DialogClose>
						<Button kind="ink">I have it</Button>
					</DialogClose>
				) : (
					<>
						<DialogClose>
							<Button>Cancel</Button>
						</DialogClose>
						<Button kind="ink" type="submit" form="new-api-key" isBusy={act.isPending}>
							Make the key
						</Button>
					</>
				)
			}
		>
			{made ? (
				<CopyField label={`Key of ${name}`} value={made} />
			) : (
				<form id="new-api-key" onSubmit={submit} className="flex flex-col gap-4">
					<TextField
						label="Name"
						placeholder="Warehouse ERP"
						value={name}
						error={act.error?.message}
						onChange={(event) => setName(event.target.value)}
						required
					/>
					<fieldset className="flex flex-col gap-2">
						<legend className="mb-2 text-small text-muted">What it may do</legend>
						{apiScopes.map((scope) => (
							<Checkbox
								key={scope}
								label={
									<>
										{scopeWords[scope].label}
										<span className="ml-2 text-small text-muted">{scopeWords[scope].detail}</span>
									</>
								}
								isChecked={scopes.includes(scope)}
								onChange={(isChecked) =>
									setScopes(isChecked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
								}
							/>
						))}
					</fieldset>
				</form>
			)}
		</Dialog>
	);
}
