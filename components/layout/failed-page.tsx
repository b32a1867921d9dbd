"use client";

import { Button } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { Page } from "./page";

/** A page that could not be drawn: what to do, and the id to quote. */
export function FailedPage({ digest, retry }: { digest?: string; retry: () => void }) {
	return (
		<Page title="This page did not load">
			<Panel aria-label="What happened">
				<PanelState
					kind="failed"
					sentence="Something broke on our side; your stock is not touched by it."
					detail={digest && `Quote ${digest} if it stays so.`}
					action={
						<Button kind="ink" onClick={retry}>
							Load it again
						</Button>
					}
				/>
			</Panel>
		</Page>
	);
}
