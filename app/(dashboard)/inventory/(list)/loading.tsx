import { Page } from "@/components/layout/page";
import { Panel } from "@/components/ui/panel";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export default function InventoryLoading() {
	return (
		<Page title="Inventory">
			<Skeleton className="h-7.5 w-70 max-md:h-11 max-md:w-full" />
			<Panel aria-label="SKUs" aria-busy>
				<SkeletonRows rows={18} />
			</Panel>
		</Page>
	);
}
