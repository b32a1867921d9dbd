import { Page } from "@/components/layout/page";
import { ButtonLink } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";

export default function NotFoundInDashboard() {
	return (
		<Page title="Not here">
			<Panel aria-label="What happened">
				<PanelState
					kind="filtered"
					sentence="This is not here. It may have been removed, or the link belongs to another shop."
					action={<ButtonLink href="/overview">Go to Overview</ButtonLink>}
				/>
			</Panel>
		</Page>
	);
}
