"use client";

import { clsx } from "clsx";
import { Download } from "lucide-react";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useMemo, useRef, useState, useTransition } from "react";
import { usePageShortcuts } from "@/components/layout/page-shortcuts";
import { useShell } from "@/components/layout/shell-context";
import { Button, buttonStyle } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FilterBar, type FilterKey } from "@/components/ui/filter-bar";
import { type FilterQuery, parseFilter, withTerm, writeFilter } from "@/components/ui/filter-terms";
import { Select } from "@/components/ui/select";
import { showDone, showFailed } from "@/components/ui/toast";
import { useIsWide } from "@/components/ui/use-viewport";
import { filterKeys, logOutcomes, logTopics, readFilter } from "@/lib/format/log-filter";
import { countOf } from "@/lib/format/number";
import { exportLogUrl, type LogChain, type LogStretch } from "@/lib/queries/log";
import type { MailActs } from "./kept-mail";
import { LinePanel } from "./line-panel";
import { LogHistogram } from "./log-histogram";
import { LogPane } from "./log-pane";
import { LogSummary } from "./log-summary";
import { defaultSpan, type Span, spanNames, spans } from "./spans";

type Channel = Parameters<typeof LogSummary>[0]["channels"][number];
type SendAgain = (input: {
	skuId: string;
	channelIds: string[];
}) => Promise<{ ok: true; value: { slots: number } } | { ok: false; sentence: string }>;

const urlState = {
	q: parseAsString.withDefault(""),
	span: parseAsStringLiteral(spanNames).withDefault(defaultSpan),
	from: parseAsInteger,
	to: parseAsInteger,
	line: parseAsInteger,
};

/** What happened, and did it arrive? */
export function ActivityView({
	channels,
	sendAgain,
	mailActs,
}: {
	channels: readonly Channel[];
	sendAgain: SendAgain;
	mailActs: MailActs;
}) {
	const { me } = useShell();
	const [url, setUrl] = useQueryStates(urlState, { history: "replace" });
	const isWide = useIsWide();
	const input = useRef<HTMLInputElement>(null);

	const query = useMemo<FilterQuery>(() => parseFilter(url.q, filterKeys), [url.q]);
	const filter = useMemo(() => readFilter(query.terms, query.text, channels), [query, channels]);
	const stretch = useMemo<LogStretch>(
		() => (url.from !== null && url.to !== null ? { from: url.from, to: url.to } : null),
		[url.from, url.to],
	);
	const spanMs = spans[url.span].ms;

	const [isFollowing, setIsFollowing] = useState(true);
	/** New lines that wait while somebody reads. */
	const [held, setHeld] = useState(0);
	const showHeld = useRef(() => {});
	const select = (line: number | null) => void setUrl({ line });
	const setQuery = (next: FilterQuery) => void setUrl({ q: writeFilter(next) || null, line: null });
	const narrow = (key: string, value: string) => setQuery({ ...query, terms: withTerm(query.terms, { key, value }) });

	const [isSending, startSending] = useTransition();
	const chainRef = useRef<LogChain | null>(null);
	const maySend = me.role !== "viewer";
	const sendLine = (chain: LogChain) => {
		const { sendAgain: due } = chain;
		if (!due || !maySend) return;
		startSending(async () => {
			const outcome = await sendAgain(due);
			if (!outcome.ok) showFailed("It was not sent again", { detail: outcome.sentence });
			else
				showDone(`${countOf(outcome.value.slots, "listing")} read again`, {
					detail: "What differs from its offer is written at once.",
				});
		});
	};
	const copyLink = () => {
		void navigator.clipboard.writeText(location.href).then(
			() => showDone("Link copied"),
			() => showFailed("The link was not copied", { detail: location.href }),
		);
	};

	usePageShortcuts("Activity", [
		{
			keys: "r",
			shown: "R",
			label: "Send the chosen line again",
			run: () => chainRef.current && sendLine(chainRef.current),
		},
		{ keys: "Escape", shown: "Esc", label: "Close the line", run: () => select(null) },
		{
			keys: "/",
			shown: "/",
			label: "Filter",
			run: (event) => {
				event.preventDefault();
				input.current?.focus();
			},
		},
	]);

	const panel =
		url.line === null ? null : (
			<LinePanel
				lineId={url.line}
				chainRef={chainRef}
				maySend={maySend}
				isSending={isSending}
				onSendAgain={sendLine}
				mailActs={mailActs}
				onCopyLink={copyLink}
			/>
		);
	const keys = useMemo<FilterKey[]>(
		() => [
			{ key: "channel", values: channels.map(({ name }) => ({ value: name, label: name })) },
			{ key: "sku" },
			{ key: "order" },
			{ key: "outcome", values: logOutcomes.map((value) => ({ value, label: value })) },
			{ key: "cause", values: logTopics.map((value) => ({ value, label: value })) },
		],
		[channels],
	);

	return (
		<>
			<div className="flex flex-wrap items-center gap-2">
				<FilterBar
					label="Filter the log"
					keys={keys}
					query={query}
					onChange={setQuery}
					placeholder="channel:, sku:, order:, outcome:, cause: …"
					inputRef={input}
					onLeave={() => document.getElementById("log-lines")?.focus()}
					className="max-md:basis-full"
				/>
				<Select<Span>
					label="Span"
					isLabelHidden
					value={url.span}
					options={spanNames.map((value) => ({ value, label: spans[value].label }))}
					onChange={(span) => void setUrl({ span, from: null, to: null })}
				/>
				<a href={exportLogUrl(filter, stretch)} download className={clsx(buttonStyle(), "max-md:hidden")}>
					<Download aria-hidden className="size-3.5 text-muted" />
					Export
				</a>
				<Button
					hint="F"
					aria-pressed={isFollowing && stretch === null && held === 0}
					disabled={stretch !== null}
					onClick={() => (isFollowing && held > 0 ? showHeld.current() : setIsFollowing(!isFollowing))}
				>
					{isFollowing && held === 0 ? "Following" : "Follow"}
				</Button>
			</div>
			<LogHistogram
				filter={filter}
				stretch={stretch}
				spanMs={spanMs}
				onStretch={(next) => void setUrl({ from: next?.from ?? null, to: next?.to ?? null, line: null })}
			/>
			{/* As high as the page has room for: only the lines scroll. */}
			<div className="grid items-start gap-4 [--log:max(320px,calc(100dvh-284px))] lg:grid-cols-[minmax(0,1fr)_430px] max-md:[--log:max(320px,calc(100dvh-300px))]">
				<LogPane
					filter={filter}
					stretch={stretch}
					lineId={url.line}
					onSelect={select}
					onOpen={() => document.getElementById("line-panel")?.focus()}
					isFollowing={isFollowing}
					onFollowing={setIsFollowing}
					onHeld={setHeld}
					showHeldRef={showHeld}
					onClear={() => void setUrl({ q: null, from: null, to: null, line: null })}
					hasChannels={channels.length > 0}
				/>
				{isWide ? (
					<aside
						id="line-panel"
						aria-label={panel ? "The chosen line" : "The lines in view"}
						tabIndex={-1}
						className="sticky top-16 max-h-(--log) min-w-0 overflow-y-auto rounded-lg border bg-panel max-lg:hidden"
					>
						{panel ?? (
							<LogSummary filter={filter} stretch={stretch} spanMs={spanMs} channels={channels} onNarrow={narrow} />
						)}
					</aside>
				) : (
					<Dialog title="Line of the log" isOpen={panel !== null} onOpenChange={(isOpen) => !isOpen && select(null)}>
						<div className="-mx-4 -mb-4 border-t">{panel}</div>
					</Dialog>
				)}
			</div>
			<p className="text-small text-muted">
				Lines are kept for 90 days. Times are those of your shop; exports are in UTC.
			</p>
		</>
	);
}
