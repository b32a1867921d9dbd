/**
 * One LISTEN per process, however many browsers it serves. What is heard says only "look": a wake-up that is lost costs
 * time, never a line, since readers go by their own cursor.
 */
import postgres from "postgres";
import { databaseUrl } from "@/db/client";
import { logChannel } from "./notify";

type Wake = () => void;
type Bus = {
	wakes: Map<string, Set<Wake>>;
	close: () => Promise<void>;
};

const holder = globalThis as { onecountBuses?: Map<string, Bus> };
holder.onecountBuses ??= new Map();
const buses = holder.onecountBuses;

const reconnectMs = 500;

/** Calls `onWake` whenever the merchant's log may have grown, also when the connection to the database came back. */
export function subscribe(merchantId: string, onWake: Wake, url = databaseUrl()): () => void {
	const bus = busFor(url);
	const wakes = bus.wakes.get(merchantId) ?? new Set();
	bus.wakes.set(merchantId, wakes.add(onWake));
	return () => {
		wakes.delete(onWake);
		if (wakes.size === 0 && bus.wakes.get(merchantId) === wakes) bus.wakes.delete(merchantId);
	};
}

function busFor(url: string): Bus {
	let bus = buses.get(url);
	if (!bus) {
		bus = openBus(url);
		buses.set(url, bus);
	}
	return bus;
}

function openBus(url: string): Bus {
	const wakes: Bus["wakes"] = new Map();
	const wakeAll = () => {
		for (const each of wakes.values()) for (const wake of each) wake();
	};
	let isClosed = false;
	let retry: ReturnType<typeof setTimeout> | undefined;
	// The driver takes onnotify and hands it on; only its types leave it out.
	const options: postgres.Options<Record<string, never>> & { onnotify: (channel: string, payload: string) => void } = {
		max: 1,
		// It waits for news, which may be hours away.
		idle_timeout: 0,
		max_lifetime: null,
		fetch_types: false,
		connection: { application_name: "onecount-live" },
		onnotice: () => {},
		onnotify: (_channel, payload) => {
			for (const wake of wakes.get(merchantOf(payload)) ?? []) wake();
		},
		onclose: () => listenSoon(),
	};
	const sql = postgres(url, options);
	function listenSoon(): void {
		if (isClosed || retry) return;
		retry = setTimeout(() => {
			retry = undefined;
			void listen();
		}, reconnectMs);
		retry.unref();
	}
	async function listen(): Promise<void> {
		try {
			await sql.unsafe(`listen ${logChannel}`);
			// What was told while nobody listened is lost.
			wakeAll();
		} catch {
			listenSoon();
		}
	}
	void listen();
	return {
		wakes,
		close: async () => {
			isClosed = true;
			clearTimeout(retry);
			await sql.end({ timeout: 5 });
		},
	};
}

function merchantOf(payload: string): string {
	try {
		return (JSON.parse(payload) as { m: string }).m;
	} catch {
		return "";
	}
}

export async function closeBuses(url?: string): Promise<void> {
	const closing = [...buses].filter(([key]) => url === undefined || key === url);
	for (const [key] of closing) buses.delete(key);
	await Promise.all(closing.map(([, bus]) => bus.close()));
}
