import { wake } from "../sync/wake";

/** A message waits so long for the next change of its subject, and for the commit that makes it one. */
export const holdMs = 300;

type Shared = { endpointIds: Set<string>; timer: NodeJS.Timeout | null };
const holder = globalThis as { onecountTellSoon?: Shared };
holder.onecountTellSoon ??= { endpointIds: new Set(), timer: null };
const shared = holder.onecountTellSoon;

/**
 * Wakes the endpoints' loops once what was written for them is committed, which nobody need tell: writers know nothing of
 * endpoints. Where the commit takes longer, or never comes, the sweep finds the rows, or there are none.
 */
export function tellSoon(endpointIds: Iterable<string>): void {
	for (const id of endpointIds) shared.endpointIds.add(id);
	if (shared.endpointIds.size === 0 || shared.timer) return;
	shared.timer = setTimeout(() => {
		const due = [...shared.endpointIds];
		shared.endpointIds.clear();
		shared.timer = null;
		wake("deliver", due);
	}, holdMs + 50);
	shared.timer.unref();
}
