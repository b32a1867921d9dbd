import { Page } from "@/components/layout/page";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export default function ConflictsLoading() {
	return (
		<Page title="Conflicts">
			<div aria-busy className="contents">
				<Skeleton className="h-7.5 w-72 rounded-btn" />
				<div className="grid items-start gap-4 lg:grid-cols-[360px_minmax(0,1fr)]">
					<section className="rounded-lg border bg-panel">
						<SkeletonRows rows={7} rowClassName="h-14" />
					</section>
					<section className="h-100 rounded-lg border bg-panel" />
				</div>
			</div>
		</Page>
	);
}
