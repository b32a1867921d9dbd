"use client";

import Link from "next/link";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { useNow } from "@/components/ui/clock";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { Spark } from "@/components/ui/spark";
import { StateLabel } from "@/components/ui/state-shape";
import { Table, TableScroll, Tbody, Td, Th, Thead } from "@/components/ui/table";
import { countOf } from "@/lib/format/number";
import { duration } from "@/lib/format/time";
import type { ChannelRow } from "@/lib/queries/overview";

/** Each store in a line. */
export function ChannelsPanel({ channels }: { channels: readonly ChannelRow[] }) {
	return (
		<Panel title="Channels" actions={<span className="text-small! max-md:hidden">last 60 minutes</span>}>
			<TableScroll label="Channels">
				<Table>
					<Thead>
						<tr>
							<Th>Channel</Th>
							<Th>State</Th>
							<Th isNumber className="max-md:hidden">
								Lag p95
							</Th>
							<Th isNumber className="max-md:hidden">
								Last news
							</Th>
							<Th isNumber className="max-md:hidden">
								Orders
							</Th>
						</tr>
					</Thead>
					<Tbody>
						{channels.map((channel) => (
							<tr key={channel.id}>
								<Td className="max-w-56 max-md:w-full max-md:max-w-0">
									<Link href={`/channels/${channel.id}`} className="flex min-w-0 items-center gap-2 hover:underline">
										<PlatformPlate platform={channel.platform} label="" />
										<span className="truncate">{channel.name}</span>
									</Link>
								</Td>
								<Td>
									<StateLabel kind={channel.shape}>
										{channel.word}
										{channel.nextTryAt !== null && <NextTry at={channel.nextTryAt} />}
									</StateLabel>
								</Td>
								<Td isNumber className="max-md:hidden">
									{channel.lagMs === null ? nothing : duration(channel.lagMs)}
								</Td>
								<Td className="text-right text-muted max-md:hidden">
									{channel.lastNewsAt === null ? nothing : <RelativeTime at={channel.lastNewsAt} />}
								</Td>
								<Td className="text-right max-md:hidden">
									<Spark
										values={fiveMinutes(channel.orders)}
										label={`Orders in the last hour: ${sum(channel.orders)}`}
									/>
								</Td>
							</tr>
						))}
					</Tbody>
				</Table>
			</TableScroll>
		</Panel>
	);
}

const nothing = <span className="num text-muted">—</span>;

function NextTry({ at }: { at: number }) {
	const seconds = Math.ceil((at - useNow()) / 1000);
	return seconds > 0 ? (
		<span className="num">
			, next try in {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, "0")}
		</span>
	) : (
		<>, trying now</>
	);
}

const sum = (values: readonly number[]) =>
	countOf(
		values.reduce((total, value) => total + value, 0),
		"order",
	);

/** Twelve points instead of sixty: a trend, not a noise. */
const fiveMinutes = (orders: readonly number[]) =>
	Array.from({ length: 12 }, (_, index) =>
		orders.slice(index * 5, index * 5 + 5).reduce((total, value) => total + value, 0),
	);
