import { Page } from "@/components/layout/page";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export default function ChannelsLoading() {
	return (
		<Page title="Channels">
			<div aria-busy className="contents">
				<Skeleton className="h-9 w-48 rounded-btn" />
				<div className="grid grid-cols-3 gap-4 max-xl:grid-cols-2 max-md:grid-cols-1">
					{[1, 2, 3].map((key) => (
						<section key={key} className="rounded-lg border bg-panel">
							<SkeletonRows rows={6} />
						</section>
					))}
				</div>
			</div>
		</Page>
	);
}
