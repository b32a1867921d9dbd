import { clsx } from "clsx";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { StateShape } from "@/components/ui/state-shape";
import { absoluteTime, clockTimeWithMillis, clockTimeWithSeconds, shortDate } from "@/lib/format/time";
import type { LogLineView } from "@/lib/queries/log";
import { Sentence, stateWords } from "./sentence";

/** One line of the log, of one height whatever it says. */
export function LogRow({
	id,
	line,
	times,
	timeZone,
	today,
	isSelected,
	onSelect,
	height,
	style,
}: {
	id: string;
	line: LogLineView;
	/** How many lines say the same; more than one are shown as a count. */
	times: number;
	timeZone: string;
	/** "24 Nov": lines of another day say which. */
	today: string;
	isSelected: boolean;
	onSelect: () => void;
	height: number;
	style: { transform: string };
}) {
	const day = shortDate(line.at, timeZone);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the list holds the keyboard and points here
		// biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant
		<div
			id={id}
			role="option"
			aria-selected={isSelected}
			onClick={onSelect}
			style={{ ...style, height }}
			className={clsx(
				"absolute inset-x-0 top-0 grid cursor-pointer grid-cols-[92px_14px_24px_minmax(0,1fr)_auto] items-center gap-2 border-b px-3.5 max-md:grid-cols-[58px_14px_24px_minmax(0,1fr)] max-md:px-3",
				isSelected ? "bg-select shadow-[inset_2px_0_0_var(--focus)]" : "hover:bg-sunk",
			)}
		>
			<time
				dateTime={new Date(line.at).toISOString()}
				title={absoluteTime(line.at, timeZone)}
				className="num overflow-hidden text-small whitespace-nowrap text-muted"
			>
				{day === today ? (
					<>
						<span className="max-md:hidden">{clockTimeWithMillis(line.at, timeZone)}</span>
						<span className="md:hidden">{clockTimeWithSeconds(line.at, timeZone)}</span>
					</>
				) : (
					<>
						{day}
						<span className="max-md:hidden"> {clockTimeWithSeconds(line.at, timeZone).slice(0, 5)}</span>
					</>
				)}
			</time>
			<StateShape kind={line.state} label={stateWords[line.state]} />
			{line.channel ? <PlatformPlate platform={line.channel.platform} label={line.channel.name} /> : <span />}
			<span className="max-md:line-clamp-2 max-md:leading-4.5 md:truncate">
				<Sentence parts={line.parts} />
			</span>
			<span className="num text-right text-small whitespace-nowrap text-muted max-md:hidden">
				{times > 1 ? `×${times}` : line.detail}
			</span>
		</div>
	);
}
