"use client";

import type { SetPolicy } from "@/components/channels/channel-actions";
import { Dialog } from "@/components/ui/dialog";
import type { PolicyTarget } from "@/lib/queries/policies";
import { PolicyForm } from "./policy-form";

/** The rules of one SKU or one listing, over its page. */
export function PolicyDialog({
	title,
	description,
	target,
	mayManage,
	setPolicy,
	onClose,
}: {
	title: string;
	description: string;
	target: PolicyTarget;
	mayManage: boolean;
	setPolicy: SetPolicy;
	onClose: () => void;
}) {
	return (
		<Dialog title={title} description={description} isOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
			<PolicyForm target={target} mayManage={mayManage} setPolicy={setPolicy} onKept={onClose} />
		</Dialog>
	);
}
