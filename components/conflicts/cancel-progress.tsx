import { useNow } from "@/components/ui/clock";
import { StateShape } from "@/components/ui/state-shape";
import { countOf } from "@/lib/format/number";
import type { CancelView } from "@/lib/queries/conflicts";

export const isAboutCancel = (choice: string): boolean => choice === "cancel" || choice === "cancel_other";

/** How far the store has come with what it was decided to be asked. */
export function CancelProgress({ cancel }: { cancel: CancelView }) {
	const now = useNow();
	return (
		<div role="status" className="mt-3 flex items-start gap-2">
			<span className="mt-0.5">
				<StateShape kind={cancel.state === "done" ? "ok" : cancel.isHeld ? "hold" : "go"} />
			</span>
			<div className="min-w-0">
				<p>{progressOf(cancel, now)}</p>
				{cancel.state !== "done" && cancel.error && <p className="text-small text-muted">{cancel.error.sentence}</p>}
			</div>
		</div>
	);
}

function progressOf({ state, order, channel, at, isAccepted, isHeld }: CancelView, now: number): string {
	if (state === "done") return `${order} is cancelled in ${channel}; its units come back with that news.`;
	if (isHeld) return `${order} waits: pushing to ${channel} is off or paused, and it is asked when that goes on.`;
	const seconds = Math.ceil((at - now) / 1_000);
	if (state === "waiting")
		return seconds > 0
			? `${channel} is asked to cancel ${order} in ${countOf(seconds, "second")}.`
			: `${channel} is asked to cancel ${order} now.`;
	return isAccepted ? `${channel} is cancelling ${order}.` : `${channel} was asked to cancel ${order}; no answer yet.`;
}

/** Why it is open again. */
export function NotCancelled({ cancel }: { cancel: CancelView }) {
	return (
		<div role="alert" className="flex items-start gap-2 border-b bg-bad-soft px-3.5 py-2.75">
			<span className="mt-0.5">
				<StateShape kind="bad" />
			</span>
			<div className="min-w-0">
				<p>
					{cancel.order} was not cancelled. {cancel.error?.sentence}
				</p>
				{cancel.error?.fix && <p className="text-small text-muted">{cancel.error.fix}</p>}
			</div>
		</div>
	);
}
