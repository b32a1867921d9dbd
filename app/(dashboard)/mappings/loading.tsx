import { Page } from "@/components/layout/page";
import { Panel } from "@/components/ui/panel";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export default function MappingsLoading() {
	return (
		<Page title="Mappings">
			<div aria-hidden className="flex h-13.5 items-center gap-6 rounded-lg border bg-panel px-3.5">
				{["linked", "suggested", "ambiguous", "unmatched", "left out"].map((state) => (
					<Skeleton key={state} className="h-6 flex-1" />
				))}
			</div>
			<Skeleton className="h-7.5 w-90 max-md:h-11 max-md:w-full" />
			<Panel aria-label="SKUs and their listings" aria-busy>
				<SkeletonRows rows={16} />
			</Panel>
		</Page>
	);
}
