import { useNow } from "@/components/ui/clock";
import { RelativeTime } from "@/components/ui/relative-time";

/** "in 16 s"; once that is over, until it is done, "due now". */
export function DueTime({ at }: { at: Date | string | number }) {
	const isDue = new Date(at).getTime() <= useNow();
	return <RelativeTime at={at} format={(words) => (isDue ? "due now" : words)} />;
}
