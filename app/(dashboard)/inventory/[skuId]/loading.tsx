import { Page } from "@/components/layout/page";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export default function SkuLoading() {
	return (
		<Page title="SKU" crumbs={[{ label: "Inventory", href: "/inventory" }]}>
			<div aria-busy className="contents">
				<Skeleton className="h-11 w-80 rounded-lg" />
				<section className="h-33 rounded-lg border bg-panel" />
				<div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.25fr)_minmax(0,1fr)]">
					<section className="rounded-lg border bg-panel">
						<SkeletonRows rows={6} />
					</section>
					<section className="rounded-lg border bg-panel">
						<SkeletonRows rows={6} rowClassName="h-8.5" />
					</section>
				</div>
				<section className="h-50 rounded-lg border bg-panel" />
			</div>
		</Page>
	);
}
