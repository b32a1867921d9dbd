"use client";

import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { useTimeZone } from "@/components/ui/clock";
import { Facts } from "@/components/ui/facts";
import { Num } from "@/components/ui/num";
import { Panel } from "@/components/ui/panel";
import { Popover, PopoverClose } from "@/components/ui/popover";
import { countOf, formatNumber } from "@/lib/format/number";
import { absoluteTime, clockTimeWithSeconds } from "@/lib/format/time";
import type { SkuView } from "@/lib/queries/skus";
import type { PolicyLevel } from "@/lib/stock/offer-policy";

/** on hand − reserved − buffer = available; every number opens what made it. */
export function FormulaPanel({
	sku,
	onChangeRules,
}: {
	sku: SkuView;
	/** Null: the role is not enough. */
	onChangeRules: (() => void) | null;
}) {
	const { formula } = sku;
	const timeZone = useTimeZone();
	return (
		<Panel title={`Why is it ${formatNumber(formula.available)}?`} hint="every number opens what made it">
			<div className="flex items-stretch max-md:grid max-md:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)_auto_minmax(0,1fr)]">
				<Term
					label={sku.isBundle ? "Can be made" : "On hand"}
					value={formula.onHand}
					opens={onHandWord(sku)}
					title="On hand"
				>
					{sku.isBundle ? <ComponentFacts sku={sku} /> : <LevelFacts sku={sku} />}
				</Term>
				<Sign>−</Sign>
				<Term
					label="Reserved"
					value={formula.reserved}
					opens={formula.reserved > 0 ? "held for orders" : "none"}
					title="Reserved"
				>
					<ReservedFacts sku={sku} />
					<p className="max-w-64 text-small text-muted">
						{formula.reserved > 0
							? "Units that a cart or an unpaid order holds. They come back by themselves when their time is over."
							: "No cart and no order holds a unit back."}
					</p>
				</Term>
				<Sign>−</Sign>
				<Term label="Buffer" value={formula.buffer} opens={bufferWord(sku)} title="Buffer">
					<p className="max-w-64 text-small text-muted">
						{formula.bufferDiffers
							? "Channels hold back different numbers; this is the largest. What each shows opens its own."
							: "Units that are kept from every channel, against counting errors and late news."}
					</p>
					{onChangeRules && (
						<PopoverClose>
							<Button className="mt-3" onClick={onChangeRules}>
								Rules for this SKU
							</Button>
						</PopoverClose>
					)}
				</Term>
				<Sign isLast>=</Sign>
				<div className="ml-auto min-w-30 flex-none rounded-br-lg border-l bg-sunk px-6 py-3.5 max-md:col-span-full max-md:ml-0 max-md:rounded-b-lg max-md:border-t max-md:border-l-0 max-md:px-3.5 max-md:py-2.5">
					<div className="text-small text-muted">
						<span aria-hidden className="num md:hidden">
							={" "}
						</span>
						Available to channels
					</div>
					<Num value={formula.available} className="block text-[30px] leading-9 font-semibold tracking-[-0.04em]" />
					<div className="text-small text-muted">
						{formula.asOf === null ? (
							"offered nowhere yet"
						) : (
							<span title={absoluteTime(formula.asOf, timeZone)}>
								as of {clockTimeWithSeconds(formula.asOf, timeZone)}
							</span>
						)}
					</div>
				</div>
			</div>
		</Panel>
	);
}

function Term({
	label,
	value,
	opens,
	title,
	children,
}: {
	label: string;
	value: number;
	opens: string;
	title: string;
	children: ReactNode;
}) {
	return (
		<div className="min-w-29 px-6 py-3.5 max-md:min-w-0 max-md:py-2.5 max-md:pr-1 max-md:pl-3.5">
			<div className="text-small text-muted">{label}</div>
			<Popover
				title={title}
				trigger={
					<button type="button" className="group block rounded-sm text-left" aria-label={`${label} ${value}: ${opens}`}>
						<Num
							value={value}
							className="block text-[30px] leading-9 font-semibold tracking-[-0.04em] max-md:text-[22px]"
						/>
						<span className="block text-small text-muted underline decoration-dotted underline-offset-3 group-hover:text-text">
							{opens}
						</span>
					</button>
				}
			>
				{children}
			</Popover>
		</div>
	);
}

function Sign({ children, isLast = false }: { children: ReactNode; isLast?: boolean }) {
	return (
		<div
			aria-hidden
			className={clsx(
				"num pt-8.5 text-[22px] leading-9 text-faint max-md:pt-6.5 max-md:text-[16px]",
				// On a phone the result stands below, on its own ground.
				isLast && "max-md:hidden",
			)}
		>
			{children}
		</div>
	);
}

function onHandWord({ isBundle, components, levels }: SkuView): string {
	if (isBundle) return `from ${countOf(components.length, "component")}`;
	const counted = levels.filter(({ isSoldFrom }) => isSoldFrom).length || levels.length;
	return counted === 0 ? "not counted yet" : countOf(counted, "location");
}

function bufferWord({ formula }: SkuView): string {
	if (formula.bufferDiffers) return "differs by channel";
	return formula.bufferFrom === null ? "none" : bufferWords[formula.bufferFrom];
}

const bufferWords: Record<PolicyLevel, string> = {
	listing: "set for its listing",
	sku: "set for this SKU",
	channel: "set by channel",
	merchant: "policy: all channels",
};

function LevelFacts({ sku: { levels } }: { sku: SkuView }) {
	if (levels.length === 0)
		return (
			<p className="max-w-64 text-small text-muted">
				Nobody has counted it yet, and nothing is offered until somebody does.
			</p>
		);
	return (
		<Facts
			className="min-w-56"
			items={levels.map((level) => ({
				key: level.locationId,
				name: level.isSoldFrom ? level.location : `${level.location}, not sold from`,
				value: <Num value={level.onHand} />,
			}))}
		/>
	);
}

/** Where units are held, if that can be in more than one place. */
function ReservedFacts({ sku: { levels } }: { sku: SkuView }) {
	const held = levels.filter(({ isSoldFrom, reserved }) => isSoldFrom && reserved > 0);
	if (levels.length < 2 || held.length === 0) return null;
	return (
		<Facts
			className="mb-2 min-w-56"
			items={held.map((level) => ({
				key: level.locationId,
				name: level.location,
				value: <Num value={level.reserved} />,
			}))}
		/>
	);
}

function ComponentFacts({ sku: { components } }: { sku: SkuView }) {
	return (
		<Facts
			className="min-w-64"
			items={components.map((component) => ({
				key: component.id,
				name: (
					<Link href={`/inventory/${component.id}`} className="hover:underline">
						{component.units} × {component.name}
					</Link>
				),
				value: <Num value={component.available} />,
			}))}
		/>
	);
}
