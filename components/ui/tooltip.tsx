"use client";

import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";

/** Adds to what is visible, never replaces it: a touch screen has no hover. */
export function Tooltip({ content, children }: { content: ReactNode; children: ReactElement }) {
	return (
		<Base.Root>
			<Base.Trigger render={children} />
			<Base.Portal>
				<Base.Positioner sideOffset={6} className="z-50">
					<Base.Popup className="appear max-w-72 rounded-md bg-ink px-2 py-1 text-small text-on-ink shadow-raise">
						{content}
					</Base.Popup>
				</Base.Positioner>
			</Base.Portal>
		</Base.Root>
	);
}

/** Once in the root layout: a second tooltip opens without waiting again. */
export function TooltipProvider({ children }: { children: ReactNode }) {
	return <Base.Provider delay={400}>{children}</Base.Provider>;
}
