import type { ChannelAdapter } from "../channel-adapter";
import type { PasteForm } from "../paste-form";
import type { OrderStep } from "../platform-facts";
import type { CheckName } from "./checks";

/** All that the suite asks about a platform beside its adapter's facts. */
export type ConformanceOptions = {
	adapter: ChannelAdapter;
	/** Makes access of what a merchant copies out of the store's admin, as in production. */
	pasteForm?: PasteForm;
	/** The same for platforms without a form. Both absent: access is what was copied. */
	accessOf?: (copied: Record<string, string>) => Record<string, string>;
	/** Access of a kind that expires, from which `refreshAccess` makes the first that works. Absent: as above. */
	expiringAccessOf?: (copied: Record<string, string>) => Record<string, string>;
	/** Settings of the sandbox stores: delays of a real clock made short. The platform's rules stay as they are. */
	settings?: Record<string, unknown>;
	/**
	 * Steps after which an order does not tell whether its units came back, each with the reason. Its lines may then say that
	 * more is taken than the store is short of, and never less (R4).
	 */
	untold?: Partial<Record<OrderStep, string>>;
	/** Why a call that is throttled may have been done in part, so that its rows are unknown and not unsent. Absent: it can't. */
	throttledInPart?: string;
	/** What the platform is unable to do, or its sandbox to show, each with the reason that the table prints. */
	unable?: Partial<Record<CheckName, string>>;
};
