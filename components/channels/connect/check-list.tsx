import { StateShape } from "@/components/ui/state-shape";
import { wordList } from "@/lib/format/list";
import type { ShownCheck } from "../channel-actions";

/** What each check is called when it is good, when it is not, and when nobody could look. */
const titles: Record<string, [good: string, bad: string, unchecked: string]> = {
	address: ["The store answers", "The store can't be reached", "Address"],
	credentials: ["Keys are right", "Keys are not accepted", "Keys"],
	scopes: ["Rights are granted", "Rights are missing", "Rights"],
	inventory_read: ["Stock can be read", "Stock can't be read", "Reading stock"],
	inventory_write: ["Stock may be written", "Stock can't be written", "Writing stock"],
	stock_management: ["Stock is counted there", "Stock is not counted there", "Counting stock"],
	webhooks: ["News will be delivered", "News does not come by itself", "Webhooks"],
	clock: ["Clocks agree", "Clocks differ", "Clocks"],
};

const shapes = { passed: "ok", failed: "off", warned: "warn", skipped: "none" } as const;
const words = { passed: "Good", failed: "Failed", warned: "Works, with a limit", skipped: "Not checked" } as const;

function titleOf({ name, state }: ShownCheck): string {
	const [good, bad, unchecked] = titles[name] ?? [name, name, name];
	return state === "passed" ? good : state === "skipped" ? unchecked : bad;
}

/** Named checks, each with what was found and, where it is not good, what to do. What nobody could look at is one line. */
export function CheckList({ checks }: { checks: readonly ShownCheck[] }) {
	const { looked, unlooked } = apart(checks);
	return (
		<ul>
			{looked.map((check) => (
				<li key={check.name} className="flex gap-3 border-b px-3.5 py-2.5 last:border-b-0">
					<StateShape kind={shapes[check.state]} label={words[check.state]} className="mt-1" />
					<div className="min-w-0">
						<p className="font-semibold">{titleOf(check)}</p>
						<p className="text-small text-muted">{check.sentence}</p>
						{check.fix && <p className="text-small">{check.fix}</p>}
					</div>
				</li>
			))}
			{unlooked.map(([sentence, skipped]) => (
				<li key={sentence} className="flex gap-3 border-b px-3.5 py-2.5 text-small text-muted last:border-b-0">
					<StateShape kind="none" className="mt-0.5" />
					{listOf(skipped.map(titleOf))}. {sentence}
				</li>
			))}
		</ul>
	);
}

/** Several checks that were skipped for one reason say one thing; a lone one keeps its row. */
function apart(checks: readonly ShownCheck[]) {
	const byReason = new Map<string, ShownCheck[]>();
	for (const check of checks)
		if (check.state === "skipped" && !check.fix)
			byReason.set(check.sentence, [...(byReason.get(check.sentence) ?? []), check]);
	const unlooked = [...byReason].filter(([, skipped]) => skipped.length > 1);
	const said = new Set(unlooked.flatMap(([, skipped]) => skipped));
	return { looked: checks.filter((check) => !said.has(check)), unlooked };
}

/** "Keys, rights and clocks" */
const listOf = (titles: readonly string[]) =>
	wordList(titles.map((title, index) => (index === 0 ? title : title.charAt(0).toLowerCase() + title.slice(1))));
