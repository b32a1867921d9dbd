"use client";

import { useState } from "react";
import { CopyField } from "@/components/channels/copy-field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import type { EndpointActions } from "../settings-actions";
import { useChange } from "../use-change";

/** For a secret that somebody saw, or that is due to be changed. */
export function RenewSecretDialog({
	endpointId,
	renew,
}: {
	endpointId: string;
	renew: EndpointActions["renewSecret"];
}) {
	const [secret, setSecret] = useState<string | null>(null);
	const act = useChange(() => renew(endpointId), { onDone: (made) => setSecret(made.secret) });
	return (
		<Dialog
			title={secret ? "Copy the secret now" : "New signing secret"}
			description={
				secret
					? "It is shown only this once. For a day messages bear both signatures; then this one's alone."
					: "For a day messages bear the old signature too, so that the receiver can change over when it likes."
			}
			trigger={<Button>New secret…</Button>}
			onOpenChange={() => setSecret(null)}
			footer={
				secret ? (
					<DialogClose>
						<Button kind="ink">I have it</Button>
					</DialogClose>
				) : (
					<>
						<DialogClose>
							<Button>Keep the old one</Button>
						</DialogClose>
						<Button kind="ink" isBusy={act.isPending} onClick={() => act.mutate(undefined)}>
							Make a new one
						</Button>
					</>
				)
			}
		>
			{secret && <CopyField label="Signing secret" value={secret} />}
		</Dialog>
	);
}
