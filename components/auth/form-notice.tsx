import type { ReactNode } from "react";
import { StateShape } from "@/components/ui/state-shape";

/** Why the form did not go through, above its fields. */
export function FormNotice({ children }: { children: ReactNode }) {
	return (
		<p role="alert" className="flex items-start gap-2 rounded-btn bg-bad-soft px-3 py-2 text-bad">
			<StateShape kind="off" className="mt-1" />
			<span>{children}</span>
		</p>
	);
}
