"use client";

import { Button } from "@/components/ui/button";
import { useTimeZone } from "@/components/ui/clock";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import { countOf } from "@/lib/format/number";
import { absoluteTime, duration } from "@/lib/format/time";
import type { EndpointView, MessageView } from "@/lib/queries/settings";
import type { EndpointActions } from "../settings-actions";
import { useChange } from "../use-change";
import { DueTime } from "./due-time";
import { messageState, nextTry } from "./message-state";

/** One message: where it stands, and opened what went out and what came of each try. */
export function MessageRow({
	endpoint,
	message,
	replay,
}: {
	endpoint: EndpointView;
	message: MessageView;
	replay: EndpointActions["replay"];
}) {
	const act = useChange(() => replay(endpoint.id, { messageId: message.id }));
	const { shape, word } = messageState(message, endpoint);
	const nextTryAt = nextTry(message, endpoint);
	const [last] = message.attempts;
	return (
		<li className="border-b last:border-b-0">
			<details>
				<summary className="focus-inside grid min-h-11 cursor-pointer grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-2.5 px-3.5 py-1.5 hover:bg-sunk">
					<StateShape kind={shape} label={word} />
					<span className="min-w-0">
						<span className="block truncate">
							{message.event}
							{message.about && <span className="text-muted"> {message.about}</span>}
						</span>
						<span className="block truncate text-small text-muted">
							<RelativeTime at={message.createdAt} />, {word}
							{nextTryAt !== null && (
								<>
									, next try <DueTime at={nextTryAt} />
								</>
							)}
						</span>
					</span>
					{last && <StatusTag status={last.status} />}
				</summary>
				<div className="flex flex-col gap-3 px-3.5 pt-1 pb-3.5">
					{message.attempts.length > 0 && <Attempts attempts={message.attempts} />}
					<div className="flex flex-col gap-1">
						<h3 className="text-small text-muted">What is sent</h3>
						<pre className="num overflow-x-auto rounded-btn bg-sunk p-2.5 text-small whitespace-pre-wrap break-all">
							{message.body ?? "Made with the first try, so that it tells the newest."}
						</pre>
						<p className="num text-small text-muted">webhook-id {message.id}</p>
					</div>
					{message.body !== null && (
						<Button className="self-start" isBusy={act.isPending} onClick={() => act.mutate(undefined)}>
							Send again
						</Button>
					)}
				</div>
			</details>
		</li>
	);
}

function Attempts({ attempts }: { attempts: MessageView["attempts"] }) {
	const timeZone = useTimeZone();
	return (
		<div className="flex flex-col gap-1">
			<h3 className="text-small text-muted">{countOf(attempts.length, "try", "tries")}</h3>
			<ol className="flex flex-col gap-1.5">
				{attempts.map((attempt) => (
					<li key={attempt.at} className="flex items-baseline gap-2 text-small">
						<StatusTag status={attempt.status} />
						<span className="min-w-0 flex-1 break-words">
							<span className="text-muted">
								{absoluteTime(new Date(attempt.at), timeZone)}, {duration(attempt.ms)}
							</span>
							{attempt.response && <span className="block">{attempt.response}</span>}
						</span>
					</li>
				))}
			</ol>
		</div>
	);
}

function StatusTag({ status }: { status: number | null }) {
	if (status === null) return <Tag tone="bad">no answer</Tag>;
	return (
		<Tag isNumber tone={status < 300 ? "ok" : status === 429 ? "warn" : "bad"}>
			{status}
		</Tag>
	);
}
