"use client";

import { useState } from "react";
import { useTimeZone } from "@/components/ui/clock";
import { CopyButton } from "@/components/ui/copy-button";
import { Tag } from "@/components/ui/tag";
import { countOf } from "@/lib/format/number";
import { clockTimeWithMillis, duration } from "@/lib/format/time";
import type { ChainExchange, ChainPush } from "@/lib/queries/log";
import { foldText, readableBody, readablePath } from "./wire-text";

/** What went over the wire in one push, with secrets removed before it was kept. */
export function Exchanges({ push }: { push: ChainPush }) {
	const timeZone = useTimeZone();
	return (
		<section aria-label={`What went over the wire to ${push.channel.name}`} className="flex flex-col gap-1.5">
			<div className="flex items-center gap-2">
				<h3 className="truncate">
					{push.channel.name}, <span className="num">{clockTimeWithMillis(push.at, timeZone)}</span>
				</h3>
				<span className="ml-auto" />
				{push.items > 1 && <Tag isNumber>{countOf(push.items, "row")}</Tag>}
				<StatusTag push={push} />
			</div>
			{push.exchanges.map((exchange) => (
				<Exchange key={`${exchange.at} ${exchange.url}`} exchange={exchange} />
			))}
			{push.exchanges.length === 0 && (
				<p className="text-small text-muted">
					{push.outcome === "pending" ? "It is being sent." : "What went over the wire was not kept."}
				</p>
			)}
			{push.item && (
				<p className="num text-small text-muted">
					expected {push.item.expected} · {push.item.kind === "delta" ? "changed to" : "wrote"} {push.item.quantity} ·{" "}
					{push.item.outcome}
					{push.item.reason && `: ${push.item.reason}`}
				</p>
			)}
		</section>
	);
}

function StatusTag({ push }: { push: ChainPush }) {
	const status = push.exchanges.at(-1)?.status;
	if (status == null) return <Tag tone={push.outcome === "applied" ? "ok" : "bad"}>{push.outcome}</Tag>;
	return (
		<Tag isNumber tone={status < 300 ? "ok" : status === 429 ? "warn" : "bad"}>
			{status}
		</Tag>
	);
}

/** One call: what was asked, and what came back. */
function Exchange({ exchange }: { exchange: ChainExchange }) {
	const { method, url, status, ms } = exchange;
	const asked = `${method} ${readablePath(url)}`;
	const answered = status === null ? `no answer after ${duration(ms)}` : `${status} after ${duration(ms)}`;
	const request = exchange.request ? readableBody(exchange.request) : "";
	const response = exchange.response ? readableBody(exchange.response) : "";
	return (
		<div className="num relative rounded-md bg-sunk text-small leading-4.5">
			<CopyButton
				label="Copy this call and its answer"
				text={[asked, request, "", answered, response].join("\n").trim()}
				className="absolute! top-1 right-1"
			/>
			<div className="px-3 py-2">
				<p className="pr-8 wrap-anywhere">{asked}</p>
				<Body text={request} />
			</div>
			<div className="border-t px-3 py-2">
				<p>{answered}</p>
				<Body text={response} />
			</div>
		</div>
	);
}

/** What shows without asking for more. */
const mostLines = 9;

/** A body from the wire, folded where it is long. */
export function Body({ text }: { text: string }) {
	const [isWhole, setIsWhole] = useState(false);
	if (text === "") return null;
	const folded = foldText(text, mostLines);
	return (
		<>
			<pre
				tabIndex={isWhole ? 0 : undefined}
				className="max-h-96 overflow-y-auto whitespace-pre-wrap text-muted wrap-anywhere"
			>
				{folded && !isWhole ? folded.head : text}
			</pre>
			{folded && (
				<button
					type="button"
					aria-expanded={isWhole}
					onClick={() => setIsWhole(!isWhole)}
					className="touch mt-1 rounded-sm font-sans text-small underline decoration-dotted underline-offset-3"
				>
					{isWhole ? "Show less" : `Show all ${countOf(folded.lines, "line")}`}
				</button>
			)}
		</>
	);
}
