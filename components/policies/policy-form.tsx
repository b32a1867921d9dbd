"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { type FormEvent, useState } from "react";
import type { SetPolicy } from "@/components/channels/channel-actions";
import { answered } from "@/components/layout/answered";
import { Button } from "@/components/ui/button";
import { PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { TextField } from "@/components/ui/text-field";
import { inheritedWord, type PolicyView } from "@/lib/format/offer-policy";
import { channelsKey } from "@/lib/queries/channels";
import { type PolicyTarget, policiesKey, policyQuery } from "@/lib/queries/policies";
import { type PolicyField, type PolicyFields, policyFields } from "@/lib/stock/offer-policy";

const labels: Record<PolicyField, string> = {
	bufferUnits: "Buffer, units held back",
	bufferSeconds: "Buffer, seconds of sales",
	sharePercent: "Share of what is left, %",
	minUnits: "Whatever the share, at least",
	capUnits: "Never show more than",
	outOfStockBelow: "Show none below",
};

type FormProps = { target: PolicyTarget; mayManage: boolean; setPolicy: SetPolicy; onKept?: () => void };

/** What one level says of an offer; what it leaves empty stands there in grey, with the level that decides it. */
export function PolicyForm(props: FormProps) {
	const { data: view, error, refetch } = useQuery(policyQuery(props.target));
	if (error && !view)
		return (
			<PanelState
				kind="failed"
				sentence={error.message}
				action={<Button onClick={() => void refetch()}>Try again</Button>}
			/>
		);
	if (!view) return <SkeletonRows rows={4} />;
	// Kept by this form or by somebody else: what was typed starts anew from it.
	return <Fields key={JSON.stringify(view.own)} {...props} view={view} />;
}

const textsOf = (own: PolicyFields) =>
	Object.fromEntries(policyFields.map((field) => [field, own[field]?.toString() ?? ""])) as Record<PolicyField, string>;

function Fields({ target, mayManage, setPolicy, onKept, view }: FormProps & { view: PolicyView }) {
	const client = useQueryClient();
	const kept = textsOf(view.own);
	const [typed, setTyped] = useState(kept);
	const changed = policyFields.filter((field) => typed[field].trim() !== kept[field]);
	const keep = useMutation({
		mutationFn: (isConfirmed: boolean) =>
			answered(
				setPolicy(
					target,
					Object.fromEntries(changed.map((field) => [field, typed[field].trim() === "" ? null : Number(typed[field])])),
					isConfirmed,
				),
			),
		onSuccess: ({ ok }) => ok && onKept?.(),
		onSettled: () =>
			Promise.all(
				[policiesKey, channelsKey, ["skus"], ["inventory"]].map((queryKey) => client.invalidateQueries({ queryKey })),
			),
	});
	const refusal = keep.data?.ok === false ? keep.data : null;
	const isUnusual = refusal?.reason === "share_not_confirmed";
	const wrong: Partial<Record<string, string>> = (refusal && "fields" in refusal && refusal.fields) || {};
	const failure = keep.error?.message ?? (policyFields.some((field) => wrong[field]) ? undefined : refusal?.sentence);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		keep.mutate(isUnusual);
	};
	/** What was agreed to, or refused, was what stood there. */
	const type = (field: PolicyField, text: string) => {
		setTyped({ ...typed, [field]: text });
		keep.reset();
	};
	return (
		<form onSubmit={submit} className="flex flex-col gap-3">
			<div className="grid grid-cols-2 items-start gap-3">
				{policyFields.map((field) => (
					<TextField
						key={field}
						label={labels[field]}
						inputMode="numeric"
						autoComplete="off"
						placeholder={inheritedWord(field, view.inherited[field])}
						value={typed[field]}
						error={wrong[field]}
						disabled={!mayManage}
						onChange={(event) => type(field, event.target.value)}
						className={typed[field] ? "num" : undefined}
					/>
				))}
			</div>
			{failure && (
				<p role="alert" className={clsx("flex items-start gap-1.5 text-small", isUnusual ? "text-warn" : "text-bad")}>
					<StateShape kind={isUnusual ? "warn" : "off"} className="mt-0.5" />
					{failure}
				</p>
			)}
			<div className="flex items-start gap-2">
				<p className="flex-1 text-small text-muted">
					Buffers count units of the SKU, or what sells of it in so many seconds; the larger is held back. The last
					three count what the store shows, and a maximum of 0 takes it off sale.
				</p>
				{mayManage && (
					<Button type="submit" isBusy={keep.isPending} disabled={changed.length === 0}>
						{isUnusual ? "Agree and keep" : "Keep"}
					</Button>
				)}
			</div>
		</form>
	);
}
