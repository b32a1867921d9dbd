"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { StateShape } from "@/components/ui/state-shape";

/** The shop posts its keys beside the browser: they may come a moment after it. */
export function WaitForKeys() {
	const router = useRouter();
	useEffect(() => {
		const timer = setInterval(() => router.refresh(), 1_000);
		return () => clearInterval(timer);
	}, [router]);
	return (
		<output className="flex items-center gap-2 text-muted">
			<StateShape kind="go" />
			The shop's keys are on their way.
		</output>
	);
}
