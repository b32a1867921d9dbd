/** The budget: so many requests in a window of thirty seconds, for the whole store. A restart begins a new window. */
import type { Database } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { settingsOf } from "./settings";

type Window = { startedAt: number; used: number };
const shared = globalThis as { onecountBigCommerceWindows?: WeakMap<Database, Map<string, Window>> };

function windowsOf(db: Database): Map<string, Window> {
	shared.onecountBigCommerceWindows ??= new WeakMap();
	const windows = shared.onecountBigCommerceWindows.get(db) ?? new Map<string, Window>();
	shared.onecountBigCommerceWindows.set(db, windows);
	return windows;
}

export type Spent = { isOver: boolean; headers: Record<string, string> };

/** Counts one request, refused ones too. */
export function spend(ctx: SandboxContext, store: SandboxStore): Spent {
	const { quotaPerWindow, windowMs } = settingsOf(store);
	const windows = windowsOf(ctx.db);
	const now = ctx.now().getTime();
	const known = windows.get(store.id);
	const window = known && now < known.startedAt + windowMs ? known : { startedAt: now, used: 0 };
	windows.set(store.id, window);
	const isOver = window.used >= quotaPerWindow;
	if (!isOver) window.used++;
	return {
		isOver,
		headers: {
			"x-rate-limit-time-window-ms": String(windowMs),
			"x-rate-limit-requests-quota": String(quotaPerWindow),
			"x-rate-limit-requests-left": String(quotaPerWindow - window.used),
			"x-rate-limit-time-reset-ms": String(window.startedAt + windowMs - now),
		},
	};
}
