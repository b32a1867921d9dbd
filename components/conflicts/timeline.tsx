import { clsx } from "clsx";
import { useTimeZone } from "@/components/ui/clock";
import { stateColours } from "@/components/ui/state-shape";
import { absoluteTime } from "@/lib/format/time";
import type { ConflictMoment } from "@/lib/queries/conflicts";
import { momentTimes } from "./moment-times";

/** In order, evenly spaced: what matters is what came first, and the moment stands below. */
export function Timeline({ moments }: { moments: readonly ConflictMoment[] }) {
	const timeZone = useTimeZone();
	return (
		<ol className="relative flex justify-between gap-2 px-6 pt-3.5 pb-4 max-md:flex-col max-md:px-4">
			<span aria-hidden className="absolute inset-x-4 top-[21px] h-px bg-line-strong max-md:hidden" />
			{moments.map((moment) => (
				<li
					key={`${moment.label} ${moment.at}`}
					className="relative flex min-w-0 flex-1 flex-col items-center text-center text-small max-md:flex-row max-md:gap-2"
				>
					<span
						className={clsx(
							"mb-1.5 size-3.75 rounded-full bg-current ring-4 ring-panel max-md:mb-0 max-md:size-2.5",
							stateColours[moment.state],
						)}
					/>
					<span className="max-w-full truncate text-text max-md:mr-auto">{moment.label}</span>
					<span className="flex flex-col max-md:items-end">
						{momentTimes(moment, timeZone).map(({ at, words }) => (
							<time
								key={words}
								dateTime={new Date(at).toISOString()}
								title={absoluteTime(at, timeZone)}
								className="num text-mini text-muted"
							>
								{words}
							</time>
						))}
					</span>
				</li>
			))}
		</ol>
	);
}
