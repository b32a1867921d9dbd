"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTransition } from "react";
import { useShell } from "@/components/layout/shell-context";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { showDone, showFailed } from "@/components/ui/toast";
import { countOf } from "@/lib/format/number";
import { type KeptMail as Kept, logKey } from "@/lib/queries/log";
import { Body } from "./exchange";
import { readableBody } from "./wire-text";

type Act = (input: { inboxId: number }) => Promise<{ ok: true } | { ok: false; sentence: string }>;
export type MailActs = { retry: Act; dismiss: Act };

const words: Record<Kept["state"], string> = {
	dead: "It waits for a person.",
	waiting: "It waits to be read again.",
	applied: "It could be read after all.",
	dismissed: "Somebody has dismissed it.",
};

/** What is no JSON, though it begins like it, stays as it came. */
const bodyOf = (body: string) => (isJson(body) ? readableBody(body) : body);

function isJson(body: string): boolean {
	try {
		JSON.parse(body);
		return true;
	} catch {
		return false;
	}
}

/** News that could not be read, as it came, and what can be done about it. */
export function KeptMail({ mail, acts }: { mail: Kept; acts: MailActs }) {
	const { me } = useShell();
	const client = useQueryClient();
	const [isBusy, start] = useTransition();
	const { inboxId, state, topic, bytes, body, isHex, isCut } = mail;
	const isManager = me.role === "owner" || me.role === "manager";
	const act = (run: Act, done: string, failed: string) =>
		start(async () => {
			const outcome = await run({ inboxId });
			if (outcome.ok) showDone(done);
			else showFailed(failed, { detail: outcome.sentence });
			await client.invalidateQueries({ queryKey: [...logKey, "line"] });
		});
	return (
		<section aria-label="What came" className="flex flex-col gap-1.5">
			<div className="flex items-center gap-2">
				<h3>What came</h3>
				<span className="num truncate text-small text-muted">
					{topic}, {countOf(bytes, "byte")}
					{isHex && ", not text"}
					{isCut && ", its beginning"}
				</span>
				<span className="ml-auto" />
				{bytes > 0 && <CopyButton text={body} label="Copy what came" />}
			</div>
			{bytes > 0 && (
				<div className="num rounded-md bg-sunk px-3 py-2 text-small leading-4.5">
					<Body text={isHex || isCut ? body : bodyOf(body)} />
				</div>
			)}
			<p className="text-small text-muted">{words[state]}</p>
			{(state === "dead" || state === "dismissed") && (
				<div className="flex items-center gap-2">
					<Button
						isBusy={isBusy}
						onClick={() => act(acts.retry, "It is read once more", "It was not tried again")}
						title="Worth it once the store or Onecount was mended."
					>
						Try again
					</Button>
					{state === "dead" && (
						<Button
							isBusy={isBusy}
							disabled={!isManager}
							title={isManager ? "It stays in the log and waits for nobody." : "This needs the role manager or above."}
							onClick={() => act(acts.dismiss, "Dismissed", "It was not dismissed")}
						>
							Dismiss
						</Button>
					)}
				</div>
			)}
		</section>
	);
}
