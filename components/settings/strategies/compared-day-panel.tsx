import { clsx } from "clsx";
import { Panel } from "@/components/ui/panel";
import { Skeleton } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { Table, TableScroll, Tbody, Td, Th, Thead } from "@/components/ui/table";
import { Tag } from "@/components/ui/tag";
import { contenderWords, dayWords, figures } from "@/lib/format/comparison";
import { countOf } from "@/lib/format/number";
import type { ComparedDay } from "@/lib/queries/strategies";
import type { Strategy } from "@/lib/stock/strategy";
import { isWorst, largestOf } from "./worst";

/** What each strategy came to on one day: a figure, its bar, and a shape at the worst of each column. */
export function ComparedDayPanel({
	compared,
	seed,
	current,
	isStopped,
}: {
	compared: ComparedDay;
	/** The first of its seeds. */
	seed: number;
	/** What the merchant has chosen. */
	current: Strategy;
	/** What is not there yet won't come. */
	isStopped: boolean;
}) {
	const { day, seeds, rows } = compared;
	const { name, detail } = dayWords[day];
	const largest = largestOf(rows);
	return (
		<Panel
			title={name}
			hint={detail}
			actions={
				<span className="num text-small! max-md:hidden">
					{countOf(seeds, "run")} from seed {seed}
				</span>
			}
		>
			<TableScroll label={`${name}: strategies compared`}>
				<Table>
					<Thead>
						<tr>
							<Th>Strategy</Th>
							{figures.map((figure) => (
								<Th key={figure.key} isNumber className="h-11! leading-4">
									{figure.name}
									<span className="block font-normal">{figure.unit}</span>
								</Th>
							))}
						</tr>
					</Thead>
					<Tbody>
						{rows.map((row) => (
							<tr key={row.contender}>
								<th
									scope="row"
									className="h-9 border-b px-3 text-left font-normal whitespace-nowrap [tr:last-child>&]:border-b-0"
								>
									<span className="flex items-center gap-2">
										{contenderWords[row.contender].name}
										{row.contender === current && <Tag>yours</Tag>}
										<span className="text-small text-muted max-lg:hidden">{contenderWords[row.contender].detail}</span>
									</span>
								</th>
								{figures.map(({ key, worst, shape, format }) => (
									<Td key={key} isNumber>
										{row.cell ? (
											<FigureCell
												value={row.cell[key]}
												most={largest[key]}
												format={format}
												worst={isWorst(rows, row, key) ? worst : null}
												shape={shape}
											/>
										) : isStopped ? (
											<span className="text-muted">—</span>
										) : (
											<Skeleton className="ml-auto h-2.5 w-12" />
										)}
									</Td>
								))}
							</tr>
						))}
					</Tbody>
				</Table>
			</TableScroll>
		</Panel>
	);
}

function FigureCell({
	value,
	most,
	format,
	worst,
	shape,
}: {
	/** Null: this strategy has no such figure. */
	value: number | null;
	most: number;
	format: (value: number) => string;
	/** What it is the worst in. */
	worst: string | null;
	shape: "bad" | "warn";
}) {
	if (value === null)
		return (
			<span title="Its stores don't show the same number." className="text-muted">
				—
			</span>
		);
	return (
		<span className="inline-flex items-center gap-2">
			<span className={clsx("md:min-w-14", worst && "font-semibold")}>{format(value)}</span>
			{/* Behind its number: at the edge of a phone it would stand there without it. */}
			<span className="grid size-3">{worst && <StateShape kind={shape} label={worst} />}</span>
			<span aria-hidden className="flex h-1.5 w-10 overflow-hidden rounded-[3px] bg-line max-md:hidden">
				<span
					className={clsx("h-full", worst ? (shape === "bad" ? "bg-bad" : "bg-warn") : "bg-muted")}
					style={{ width: most > 0 ? `${Math.round((100 * value) / most)}%` : 0 }}
				/>
			</span>
		</span>
	);
}
