import { StateShape } from "@/components/ui/state-shape";

/** Why it did not go on, and what to do. */
export function Problem({ sentence }: { sentence: string | null | undefined }) {
	if (!sentence) return null;
	return (
		<p role="alert" className="flex items-start gap-2 rounded-btn bg-bad-soft px-3 py-2">
			<StateShape kind="off" className="mt-1" />
			{sentence}
		</p>
	);
}
