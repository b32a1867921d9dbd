"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TabLinks } from "@/components/ui/tabs";
import { TextField } from "@/components/ui/text-field";
import { platformWords } from "@/lib/format/platforms";
import type { CartChoice, WayIn, WaysIn } from "@/lib/queries/channels";
import { type ConnectActions, orThrow, type ShownCheck, type TypedKeys } from "../channel-actions";
import { CopyField } from "../copy-field";
import { CartPicker } from "./cart-picker";
import { CheckList } from "./check-list";
import { Problem } from "./problem";
import { useConnect, useFieldFaults, useForgetting, useVisit } from "./use-connect";
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
export function WayForm({ platform, address, ways, again, actions, ...props }: WayFormProps) {
	const way = ways.find(({ key }) => key === props.way) ?? ways[0];
	const [storeAddress, setStoreAddress] = useState(props.typedAddress);
	const [typed, setTyped] = useState<Typed>({});
	const connect = useConnect(actions.withKeys);
	const visit = useVisit(actions.beginVisit);
	const carts = useMutation({ mutationFn: (input: TypedKeys) => orThrow(actions.listCarts(input)) });
	const [cart, setCart] = useState<CartChoice | null>(null);
	const form = useRef<HTMLFormElement>(null);
	const error = connect.error ?? visit.error ?? carts.error;
	const faults = useFieldFaults(form, error);
	useForgetting(way?.key ?? "", connect, visit, carts);
	if (!way) return null;
	const isBusy =
		connect.isPending || carts.isPending || visit.isPending || connect.data?.result === "connected" || visit.isSuccess;
	const hasList = way.kind !== "cart" || carts.isSuccess;
	const cartFields = way.kind === "cart" && carts.isSuccess ? (cart?.fields ?? []) : [];
	const checks = connect.data?.checks ?? props.checks;
	const isSaidBeside = ["address", "cart", ...[...way.fields, ...cartFields].map(({ name }) => name)].some(
		(name) => faults[name],
	);
	const problem = isSaidBeside ? null : (error?.message ?? (connect.isIdle ? props.problem : null));
	const hasTried = checks.length > 0 || error !== null;

	const submit = (event: FormEvent) => {
		event.preventDefault();
		// What was typed for another way stays in its fields and goes nowhere.
		const fields = Object.fromEntries([...way.fields, ...cartFields].map(({ name }) => [name, typed[name] ?? ""]));
		const input = { platform, address: storeAddress, fields };
		if (way.kind === "visit") visit.mutate(input);
		else if (!hasList) carts.mutate(input);
		else if (way.kind === "cart")
			connect.mutate({ ...input, fields: { ...fields, cart: cart?.key ?? "" }, way: way.way });
		else connect.mutate({ ...input, way: way.way, ...(again && { again }) });
	};
	const act = !hasList ? "Show the list" : way.kind === "keys" && hasTried ? "Check again" : way.act;
	return (
		// The browser would stop at the first empty field: what is wrong is said of all fields at once.
		<form ref={form} onSubmit={submit} noValidate className="contents">
			<WizardPanel
				platform={platform}
				step="keys"
				hasLocations={platformWords[platform].hasLocations}
				back="/channels/connect"
				next={
					way.kind !== "elsewhere" && (
						<Button kind="ink" type="submit" isBusy={isBusy}>
							{isBusy ? (carts.isPending ? "Asking API2Cart…" : way.busy) : act}
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
								href: `/channels/connect/${platform}?${new URLSearchParams({ way: key, ...(storeAddress && { address: storeAddress }), ...(again && { again }) })}`,
							}))}
						/>
					)}
					{way.kind !== "elsewhere" && !way.isOfChannel && (
						<TextField
							label={address.label}
							hint={address.hint}
							placeholder={address.placeholder}
							value={storeAddress}
							onChange={(event) => setStoreAddress(event.target.value)}
							autoComplete="off"
							spellCheck={false}
							required={!address.isOptional}
							error={faults.address}
						/>
					)}
					<Fields fields={way.fields} typed={typed} onType={setTyped} faults={faults} />
					{way.kind === "cart" && carts.isSuccess && (
						<>
							<CartPicker carts={carts.data} chosen={cart} onChoose={setCart} error={faults.cart} />
							<Fields fields={cartFields} typed={typed} onType={setTyped} faults={faults} />
						</>
					)}
					<WayHelp {...way.help} />
					<Problem sentence={problem} />
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

type Typed = Record<string, string>;

function Fields({
	fields,
	typed,
	onType,
	faults,
}: {
	fields: WayIn["fields"];
	typed: Typed;
	onType: (typed: Typed) => void;
	faults: Readonly<Typed>;
}) {
	return fields.map((field) => (
		<TextField
			key={field.name}
			label={field.label}
			hint={field.hint}
			placeholder={field.placeholder}
			type={field.isSecret ? "password" : "text"}
			className="num"
			value={typed[field.name] ?? ""}
			onChange={(event) => onType({ ...typed, [field.name]: event.target.value })}
			autoComplete="off"
			spellCheck={false}
			required={!field.isOptional}
			error={faults[field.name]}
		/>
	));
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
