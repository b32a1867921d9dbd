import { Page } from "@/components/layout/page";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export default function ActivityLoading() {
	return (
		<Page title="Activity">
			<div aria-busy className="contents">
				<Skeleton className="h-7.5 rounded-btn" />
				<section className="h-20 rounded-lg border bg-panel" />
				<div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_430px]">
					<section className="rounded-lg border bg-panel">
						<SkeletonRows rows={18} rowClassName="h-7.5" />
					</section>
					<section className="h-64 rounded-lg border bg-panel max-lg:hidden" />
				</div>
			</div>
		</Page>
	);
}
