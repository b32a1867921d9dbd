"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type RefObject, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { PanelState } from "@/components/ui/panel";
import { Skeleton } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { formatNumber } from "@/lib/format/number";
import { duration } from "@/lib/format/time";
import { type LogChain, logLineQuery } from "@/lib/queries/log";
import { Exchanges } from "./exchange";
import { KeptMail, type MailActs } from "./kept-mail";
import { LineFacts } from "./line-facts";
import { Sentence, stateWords } from "./sentence";
import { Waterfall } from "./waterfall";

/** One line with everything that led to it and followed from it. The sentence first, the wire last. */
export function LinePanel({
	lineId,
	chainRef,
	maySend,
	onSendAgain,
	mailActs,
	onCopyLink,
	isSending,
}: {
	lineId: number;
	/** Holds the chain that is shown, for the key R. */
	chainRef: RefObject<LogChain | null>;
	maySend: boolean;
	onSendAgain: (chain: LogChain) => void;
	mailActs: MailActs;
	onCopyLink: () => void;
	isSending: boolean;
}) {
	const { data: chain, error, refetch } = useQuery(logLineQuery(lineId));
	useEffect(() => {
		chainRef.current = chain ?? null;
		return () => {
			chainRef.current = null;
		};
	}, [chain, chainRef]);
	if (error && !chain)
		return (
			<PanelState
				kind="failed"
				sentence="This line could not be loaded."
				detail={error.message}
				action={<Button onClick={() => void refetch()}>Try again</Button>}
			/>
		);
	if (!chain) return <LinePanelSkeleton />;
	return (
		<LineBody
			key={lineId}
			chain={chain}
			maySend={maySend}
			onSendAgain={() => onSendAgain(chain)}
			mailActs={mailActs}
			onCopyLink={onCopyLink}
			isSending={isSending}
		/>
	);
}

function LineBody({
	chain,
	maySend,
	onSendAgain,
	mailActs,
	onCopyLink,
	isSending,
}: {
	chain: LogChain;
	maySend: boolean;
	onSendAgain: () => void;
	mailActs: MailActs;
	onCopyLink: () => void;
	isSending: boolean;
}) {
	const { line, steps, pushes, data } = chain;
	const [chosen, setChosen] = useState<string | null>(null);
	const push = pushes.find(({ pushId }) => pushId === chosen) ?? pushes.at(-1) ?? null;
	const { from, to } = data as { from?: number; to?: number };
	return (
		<>
			<header className="flex min-h-10 items-center gap-2 border-b px-3.5 py-1">
				<StateShape kind={line.state} label={stateWords[line.state]} />
				<h2 className="min-w-0 truncate">
					{line.sku?.name ?? line.channel?.name ?? "The whole shop"}
					{typeof from === "number" && typeof to === "number" && (
						<span className="num font-normal">
							{" "}
							· {formatNumber(from)} → {formatNumber(to)}
						</span>
					)}
				</h2>
				<span className="num ml-auto shrink-0 text-small text-muted">{line.id}</span>
			</header>
			<div className="flex flex-col gap-4 px-3.5 py-3">
				<p>
					<Sentence parts={line.parts} />. {followed(chain)}
				</p>
				{steps.length > 0 && <Waterfall steps={steps} selectedPushId={push?.pushId ?? null} onSelect={setChosen} />}
				{push && <Exchanges push={push} />}
				{chain.mail && <KeptMail mail={chain.mail} acts={mailActs} />}
				{steps.length === 0 && <LineFacts chain={chain} />}
				<div className="flex items-center gap-2">
					{chain.sendAgain && (
						<Button
							hint="R"
							onClick={onSendAgain}
							isBusy={isSending}
							disabled={!maySend}
							title={maySend ? undefined : "This needs the role support or above."}
						>
							Send again
						</Button>
					)}
					<Button onClick={onCopyLink}>Copy link</Button>
					{line.sku && (
						<Link
							href={`/inventory/${line.sku.id}`}
							className="touch ml-auto rounded-sm text-small text-muted hover:underline"
						>
							{typeof to === "number" ? `Why is it ${formatNumber(to)}?` : "Open the SKU"}
						</Link>
					)}
					{line.topic === "conflict" && typeof data.conflictId === "string" && (
						<Link href={`/conflicts?id=${data.conflictId}`} className="touch rounded-sm text-small hover:underline">
							Open the conflict
						</Link>
					)}
				</div>
			</div>
		</>
	);
}

/** Steps from before anybody is told. */
const beforeWays = new Set(["happened", "mail", "counted"]);

/** What came of it, in a sentence. */
function followed({ line, steps, happenedAt }: LogChain): string {
	if (line.kind !== "stock.changed") return "";
	const channels = new Set(steps.filter(({ key }) => !beforeWays.has(key)).map(({ label }) => label));
	if (channels.size === 0) return "No channel sells it.";
	if (line.state === "go") return `Channels that show it: ${line.detail}.`;
	const last = Math.max(0, ...steps.filter(({ pushId }) => pushId).map(({ to }) => to ?? 0));
	const late = steps.find(({ key }) => key === "happened");
	return last > 0
		? `Every channel showed it after ${duration(Math.max(0, last - happenedAt))}${late ? `; ${late.note}` : ""}.`
		: "Every channel shows it, and none had to be told.";
}

function LinePanelSkeleton() {
	return (
		<div aria-busy className="flex flex-col gap-4 px-3.5 py-3">
			<Skeleton className="h-3 w-2/3" />
			<Skeleton className="h-3 w-1/2" />
			{["a", "b", "c", "d", "e"].map((key) => (
				<Skeleton key={key} className="h-2.5" />
			))}
			<Skeleton className="h-24" />
		</div>
	);
}
