"use client";

import { ExternalLink } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Num } from "@/components/ui/num";
import { Panel } from "@/components/ui/panel";
import { Table, TableScroll, Tbody, Td, Th, Thead, Tr } from "@/components/ui/table";
import { inputStyle } from "@/components/ui/text-field";
import type { SandboxStoreView } from "@/lib/queries/sandbox";
import { type SandboxActions, useAct } from "./sandbox-actions";

/** What the store itself says it has, with a buyer's and an owner's hand beside each. */
export function ShelfPanel({ store, actions }: { store: SandboxStoreView; actions: SandboxActions }) {
	return (
		<Panel
			title="Shelf"
			hint="by the store's own truth"
			actions={
				<a
					href={store.frontPath}
					target="_blank"
					rel="noreferrer"
					className="touch inline-flex items-center gap-1.5 rounded-sm underline-offset-3 hover:underline"
				>
					Open the shop <ExternalLink aria-hidden className="size-3.5" />
				</a>
			}
		>
			<TableScroll label="Shelf" className="max-h-110 overflow-y-auto">
				<Table>
					<Thead>
						<tr>
							<Th>Product</Th>
							<Th className="max-md:hidden">SKU</Th>
							<Th isNumber>Shows</Th>
							<Th>
								<span className="sr-only">By hand</span>
							</Th>
						</tr>
					</Thead>
					<Tbody>
						{store.items.map((item, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: SKUs may be blank or occur twice
							<ItemRow key={`${item.sku} ${index}`} item={item} storeId={store.id} actions={actions} />
						))}
					</Tbody>
				</Table>
			</TableScroll>
		</Panel>
	);
}

function ItemRow({
	item,
	storeId,
	actions,
}: {
	item: SandboxStoreView["items"][number];
	storeId: string;
	actions: SandboxActions;
}) {
	const act = useAct(storeId, actions);
	const [typed, setTyped] = useState<string | null>(null);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const quantity = Number(typed);
		if (typed?.trim() && Number.isInteger(quantity)) act.mutate({ act: "type_quantity", sku: item.sku, quantity });
		setTyped(null);
	};
	const name = item.sku || item.title;
	return (
		<Tr>
			<Td className="max-w-64 truncate max-md:w-full max-md:max-w-0 max-md:whitespace-normal">{item.title}</Td>
			<Td className="num text-muted max-md:hidden">{item.sku || "—"}</Td>
			<Td isNumber>
				{typed === null ? (
					<Shown item={item} />
				) : (
					<form onSubmit={submit} className="inline">
						<input
							// biome-ignore lint/a11y/noAutofocus: the owner has just asked to type here
							autoFocus
							aria-label={`Quantity of ${name}`}
							inputMode="numeric"
							value={typed}
							onChange={(event) => setTyped(event.target.value)}
							onBlur={() => setTyped(null)}
							onKeyDown={(event) => event.key === "Escape" && setTyped(null)}
							className={`${inputStyle} num h-7! w-20! text-right`}
						/>
					</form>
				)}
			</Td>
			<Td className="w-0">
				{item.sku && (
					<span className="flex justify-end gap-1">
						<Button
							kind="quiet"
							aria-label={`Buy one ${name}`}
							isBusy={act.isPending}
							onClick={() => act.mutate({ act: "buy", lines: [{ sku: item.sku, quantity: 1 }] })}
						>
							Buy
						</Button>
						{item.quantity !== null && item.sharesWith === null && (
							<Button
								kind="quiet"
								aria-label={`Change the quantity of ${name}`}
								title="As somebody would in the store's admin"
								onClick={() => setTyped(String(item.quantity))}
							>
								Edit
							</Button>
						)}
					</span>
				)}
			</Td>
		</Tr>
	);
}

function Shown({ item: { quantity, sharesWith } }: { item: SandboxStoreView["items"][number] }) {
	if (sharesWith !== null) return <span className="text-small text-muted">with {sharesWith}</span>;
	if (quantity === null) return <span className="text-small text-muted">not counted</span>;
	return <Num value={quantity} />;
}
