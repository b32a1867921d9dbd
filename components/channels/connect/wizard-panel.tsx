"use client";

import { clsx } from "clsx";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { Fragment, type ReactNode, useId } from "react";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { Button, ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { StateShape } from "@/components/ui/state-shape";
import { showDone, showFailed } from "@/components/ui/toast";
import { type PlatformKey, platformLabel } from "@/lib/format/platforms";

/** After the keys each step has an address under its channel, so that it can be left and come back to. */
export const wizardSteps = [
	{ key: "keys", label: "Address and keys" },
	{ key: "check", label: "Check" },
	{ key: "location", label: "Location" },
	{ key: "read", label: "Read" },
	{ key: "match", label: "Match" },
	{ key: "dry-run", label: "Dry run" },
] as const;
export type WizardStep = (typeof wizardSteps)[number]["key"];

export const stepHref = (channelId: string, step: WizardStep) => `/channels/${channelId}/setup/${step}`;

/** The frame of every step: where one is, the step itself, and the way back and on. */
export function WizardPanel({
	platform,
	name,
	step,
	channelId,
	hasLocations = false,
	back,
	also,
	next,
	blocked,
	isWide = false,
	children,
}: {
	platform: PlatformKey;
	/** The store's, once it is known. */
	name?: string;
	step: WizardStep;
	channelId?: string;
	/** Whose stock the store sells is a question there. */
	hasLocations?: boolean;
	back: string;
	/** What else can be done here, before the way on. */
	also?: ReactNode;
	next?: ReactNode;
	/** Why it does not go on yet, and what to do: said above the way on, which is barred. */
	blocked?: string | null;
	isWide?: boolean;
	children: ReactNode;
}) {
	const reasonId = useId();
	const steps = wizardSteps.filter(({ key }) => hasLocations || key === step || key !== "location");
	return (
		<Panel
			lead={<PlatformPlate platform={platform} label="" />}
			title={`Connect ${name ?? platformLabel(platform)}`}
			actions={channelId ? "kept, leave any time" : undefined}
			className={isWide ? undefined : "w-full max-w-160"}
			footer={
				<>
					<ButtonLink href={back}>Back</ButtonLink>
					<AskColleague />
					<span className="ml-auto flex gap-2">
						{also}
						{blocked ? (
							<Button disabled aria-describedby={reasonId}>
								Continue
							</Button>
						) : (
							next
						)}
					</span>
				</>
			}
		>
			<nav
				aria-label="Steps"
				className="flex flex-wrap items-center gap-x-1.5 gap-y-1 border-b px-3.5 py-2.5 text-small"
			>
				{steps.map(({ key, label }, index) => (
					<Fragment key={key}>
						{index > 0 && <ChevronRight aria-hidden className="size-3 text-faint" />}
						{key === step ? (
							<span aria-current="step" className="font-semibold">
								{label}
							</span>
						) : channelId && key !== "keys" ? (
							<Link
								href={stepHref(channelId, key)}
								className="touch rounded-sm text-muted hover:text-text hover:underline hover:underline-offset-3"
							>
								{label}
							</Link>
						) : (
							<span className="text-muted">{label}</span>
						)}
					</Fragment>
				))}
			</nav>
			{children}
			{blocked && (
				<p id={reasonId} className="flex items-start gap-2 border-t px-3.5 py-2.5">
					<StateShape kind="hold" className="mt-1" />
					{blocked}
				</p>
			)}
		</Panel>
	);
}

/** The one with the store's password may be somebody else: this step has an address that can be sent. */
function AskColleague() {
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(window.location.href);
			showDone("The link to this step is copied", {
				detail: "It opens for owners and managers of this shop. Invite others under Settings first.",
			});
		} catch {
			showFailed("The browser did not let the link be copied", { detail: "Copy it from the address bar." });
		}
	};
	return (
		<Button kind="quiet" onClick={copy}>
			Ask a colleague
		</Button>
	);
}

/** A paragraph of help beside a field. */
export function Help({ title, children, className }: { title: string; children: ReactNode; className?: string }) {
	return (
		<div className={clsx("rounded-btn bg-sunk px-3 py-2.5 text-small", className)}>
			<p className="font-semibold">{title}</p>
			<div className="mt-0.5 flex flex-col gap-1 text-muted">{children}</div>
		</div>
	);
}
