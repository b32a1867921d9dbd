"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TabLinks } from "@/components/ui/tabs";
import { TextField } from "@/components/ui/text-field";
import { platformWords } from "@/lib/format/platforms";
import type { WayIn, WaysIn } from "@/lib/queries/channels";
import type { ConnectActions, ShownCheck } from "../channel-actions";
import { CopyField } from "../copy-field";
import { CheckList } from "./check-list";
import { Problem } from "./problem";
import { useConnect, useForgetting, useVisit } from "./use-connect";
import { Help, WizardPanel } from "./wizard-panel";

export type WayFormProps = WaysIn & {
	/** The way that the address asks for; any other word: the first. */
	way: string;
	/** Typed before, or the store's that is connected again. */
	typedAddress: string;
	/** Why the way back from the store was not taken. */
	problem: string | null;
	/** What the last try found. */
	checks: readonly ShownCheck[];
	actions: ConnectActions;
};

/** A store of any platform, by one of the ways into it. */
export function WayForm({ platform, address, ways, actions, ...props }: WayFormProps) {
	const way = ways.find(({ key }) => key === props.way) ?? ways[0];
	const [storeAddress, setStoreAddress] = useState(props.typedAddress);
	const [typed, setTyped] = useState<Record<string, string>>({});
	const connect = useConnect(actions.withKeys);
	const visit = useVisit(actions.beginVisit);
	useForgetting(way?.key ?? "", connect, visit);
	if (!way) return null;
	const isBusy = connect.isPending || visit.isPending || connect.data?.result === "connected" || visit.isSuccess;
	const error = connect.error ?? visit.error;
	const checks = connect.data?.checks ?? props.checks;
	const hasTried = checks.length > 0 || error !== null;

	const submit = (event: FormEvent) => {
		event.preventDefault();
		// What was typed for another way stays in its fields and goes nowhere.
		const fields = Object.fromEntries(way.fields.map(({ name }) => [name, typed[name] ?? ""]));
		const input = { platform, address: storeAddress, fields };
		if (way.kind === "visit") visit.mutate(input);
		else connect.mutate({ ...input, way: way.way });
	};
	const act = way.kind === "keys" && hasTried ? "Check again" : way.act;

	return (
		<form onSubmit={submit} className="contents">
			<WizardPanel
				platform={platform}
				step="keys"
				hasLocations={platformWords[platform].hasLocations}
				back="/channels/connect"
				next={
					way.kind !== "elsewhere" && (
						<Button kind="ink" type="submit" isBusy={isBusy}>
							{isBusy ? way.busy : act}
						</Button>
					)
				}
			>
				<div className="flex flex-col gap-3 p-3.5">
					{ways.length > 1 && (
						<TabLinks
							label="Way in"
							current={way.key}
							tabs={ways.map(({ key, label }) => ({
								key,
								label,
								href: `/channels/connect/${platform}?${new URLSearchParams({ way: key, ...(storeAddress && { address: storeAddress }) })}`,
							}))}
						/>
					)}
					{way.kind !== "elsewhere" && (
						<TextField
							label={address.label}
							hint={address.hint}
							placeholder={address.placeholder}
							value={storeAddress}
							onChange={(event) => setStoreAddress(event.target.value)}
							autoComplete="off"
							spellCheck={false}
							required={!address.isOptional}
						/>
					)}
					{way.fields.map((field) => (
						<TextField
							key={field.name}
							label={field.label}
							hint={field.hint}
							placeholder={field.placeholder}
							type={field.isSecret ? "password" : "text"}
							className="num"
							value={typed[field.name] ?? ""}
							onChange={(event) => setTyped({ ...typed, [field.name]: event.target.value })}
							autoComplete="off"
							spellCheck={false}
							required={!field.isOptional}
						/>
					))}
					<WayHelp {...way.help} />
					<Problem sentence={error?.message ?? (connect.isIdle ? props.problem : null)} />
				</div>
				{checks.length > 0 && (
					<div className="border-t">
						<CheckList checks={checks} />
					</div>
				)}
			</WizardPanel>
		</form>
	);
}

function WayHelp({ title, steps = [], lines = [], copy, rights = [] }: WayIn["help"]) {
	return (
		<Help title={title}>
			{lines.concat(steps.length === 1 ? steps : []).map((line) => (
				<p key={line}>{line}</p>
			))}
			{steps.length > 1 && (
				<ol className="list-decimal pl-4">
					{steps.map((step) => (
						<li key={step}>{step}</li>
					))}
				</ol>
			)}
			{copy && <CopyField {...copy} />}
			{rights.length > 0 && (
				<ul className="list-disc pl-4">
					{rights.map(({ scope, why }) => (
						<li key={scope}>
							<code className="num text-text">{scope}</code> {why}
						</li>
					))}
				</ul>
			)}
		</Help>
	);
}
