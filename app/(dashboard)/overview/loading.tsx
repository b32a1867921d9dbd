import { Page } from "@/components/layout/page";
import { SkeletonRows } from "@/components/ui/skeleton";

export default function OverviewLoading() {
	return (
		<Page title="Overview">
			<div aria-busy className="contents">
				<section className="h-24 rounded-lg border bg-panel max-md:h-48" />
				<section className="h-42 rounded-lg border bg-panel" />
				<div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)]">
					<section className="rounded-lg border bg-panel">
						<SkeletonRows rows={6} rowClassName="h-14" />
					</section>
					<section className="rounded-lg border bg-panel">
						<SkeletonRows rows={12} rowClassName="h-8.5" />
					</section>
				</div>
			</div>
		</Page>
	);
}
