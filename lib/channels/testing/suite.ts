import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import type { TestSandbox } from "@/lib/sandbox/testing";
import type { ChannelAdapter } from "../channel-adapter";
import type { PlatformFacts } from "../platform-facts";
import type { CheckName } from "./checks";
import type { ConformanceOptions } from "./options";
import type { Shop } from "./shop";

/** What an area of checks is handed. */
export type Suite = {
	adapter: ChannelAdapter;
	facts: PlatformFacts;
	options: ConformanceOptions;
	sandbox: TestSandbox;
	/** A new store on a good day. */
	open(seed: SeedProduct[]): Promise<Shop>;
	/** `notHere`: why the platform's own facts leave the check out; `unable` says so while it runs. */
	check(name: CheckName, run: (unable: (reason: string) => never) => Promise<void>, notHere?: string | null): void;
};
