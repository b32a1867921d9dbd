"use client";

import Link from "next/link";
import { Button } from "@/components/ui/button";
import { Num } from "@/components/ui/num";
import { Panel } from "@/components/ui/panel";
import { Table, TableScroll, Tbody, Td, Th, Thead } from "@/components/ui/table";
import { Tag } from "@/components/ui/tag";
import type { SkuView } from "@/lib/queries/skus";
import { bundleUnits } from "@/lib/stock/offer";
import { madeSentence } from "./made-sentence";

/** What a bundle is made of and what limits it; of a component, the bundles that hold it. */
export function BundlePanel({
	sku,
	onChange,
}: {
	sku: SkuView;
	/** Null: the role is not enough. */
	onChange: (() => void) | null;
}) {
	const { components, bundles } = sku;
	if (components.length === 0 && bundles.length === 0) return null;
	if (components.length > 0)
		return (
			<Panel
				title="Made of"
				actions={onChange && <Button onClick={onChange}>Change</Button>}
				footer={madeSentence(components)}
			>
				<TableScroll label="Components">
					<Table>
						<Thead>
							<tr>
								<Th>Component</Th>
								<Th isNumber>Each</Th>
								<Th isNumber>Available</Th>
								<Th isNumber>Enough for</Th>
							</tr>
						</Thead>
						<Tbody>
							{components.map((part) => (
								<tr key={part.id}>
									<Td className="max-w-52 truncate">
										<Link href={`/inventory/${part.id}`} className="hover:underline">
											{part.name}
										</Link>
									</Td>
									<Td isNumber>{part.units}</Td>
									<Td isNumber>
										<Num value={part.available} />
									</Td>
									<Td isNumber>
										<Num
											value={
												part.available === null
													? null
													: Math.max(0, bundleUnits([{ ...part, available: part.available }]))
											}
										/>
									</Td>
								</tr>
							))}
						</Tbody>
					</Table>
				</TableScroll>
			</Panel>
		);
	return (
		<Panel title="Part of" hint="a sale of it alone moves every bundle that holds it">
			<ul className="flex flex-wrap gap-x-4 gap-y-1.5 px-3.5 py-2.5">
				{bundles.map((bundle) => (
					<li key={bundle.id} className="flex min-w-0 items-center gap-1.5">
						<Link href={`/inventory/${bundle.id}`} className="truncate hover:underline">
							{bundle.name}
						</Link>
						<Tag isNumber>×{bundle.units}</Tag>
					</li>
				))}
			</ul>
		</Panel>
	);
}
