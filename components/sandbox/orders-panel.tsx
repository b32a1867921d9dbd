"use client";

import { Ellipsis } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { Panel, PanelState } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { Tag } from "@/components/ui/tag";
import { inputStyle } from "@/components/ui/text-field";
import type { SandboxOrder, SandboxStoreView } from "@/lib/queries/sandbox";
import { type SandboxActions, useAct } from "./sandbox-actions";

/** The latest orders, and the hands that place, cancel, refund and edit them. */
export function OrdersPanel({ store, actions }: { store: SandboxStoreView; actions: SandboxActions }) {
	return (
		<Panel title="Orders" hint="newest first">
			<PlaceOrder store={store} actions={actions} />
			{store.orders.length === 0 ? (
				<PanelState kind="empty" sentence="Orders will stand here as buyers place them." />
			) : (
				<ul>
					{store.orders.map((order) => (
						<OrderRow key={order.id} order={order} storeId={store.id} actions={actions} />
					))}
				</ul>
			)}
		</Panel>
	);
}

function PlaceOrder({ store, actions }: { store: SandboxStoreView; actions: SandboxActions }) {
	const act = useAct(store.id, actions);
	const sellable = store.items.filter(({ sku }) => sku !== "");
	const [sku, setSku] = useState(sellable[0]?.sku ?? "");
	const [quantity, setQuantity] = useState("1");
	const submit = (event: FormEvent) => {
		event.preventDefault();
		act.mutate({ act: "buy", lines: [{ sku, quantity: Number(quantity) }] });
	};
	return (
		<form onSubmit={submit} className="flex flex-wrap items-center gap-2 border-b p-3.5">
			<select
				aria-label="What is bought"
				value={sku}
				onChange={(event) => setSku(event.target.value)}
				className={`${inputStyle} w-auto! flex-1`}
			>
				{sellable.map((item, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: a SKU may occur twice
					<option key={`${item.sku} ${index}`} value={item.sku}>
						{item.title} ({item.sku})
					</option>
				))}
			</select>
			<input
				aria-label="How many"
				inputMode="numeric"
				value={quantity}
				onChange={(event) => setQuantity(event.target.value)}
				className={`${inputStyle} num w-16! text-right`}
			/>
			<Button type="submit" isBusy={act.isPending} disabled={!sku}>
				Place an order
			</Button>
		</form>
	);
}

function OrderRow({ order, storeId, actions }: { order: SandboxOrder; storeId: string; actions: SandboxActions }) {
	const act = useAct(storeId, actions);
	const lines = order.lines.filter(({ quantity }) => quantity > 0);
	const isOver = order.status === "cancelled" || lines.length === 0;
	return (
		<li className="flex min-h-9 items-center gap-3 border-b px-3.5 py-1 last:border-b-0">
			<span className="num shrink-0">{order.number}</span>
			<span className="min-w-0 flex-1 truncate">
				{order.lines.map(({ sku, title, quantity }) => `${quantity} × ${sku || title}`).join(", ")}
			</span>
			<Tag>{order.status}</Tag>
			<RelativeTime at={order.at} className="shrink-0 text-small text-muted max-md:hidden" />
			<Menu
				trigger={
					<IconButton label={`What can be done with ${order.number}`} disabled={isOver || act.isPending}>
						<Ellipsis aria-hidden />
					</IconButton>
				}
			>
				<MenuItem onSelect={() => act.mutate({ act: "cancel", orderId: order.id, restock: true })}>
					Cancel and restock
				</MenuItem>
				<MenuItem onSelect={() => act.mutate({ act: "cancel", orderId: order.id, restock: false })}>
					Cancel without restocking
				</MenuItem>
				{lines.map(({ sku, title, quantity }) => (
					<span key={`${sku} ${title}`}>
						<MenuSeparator />
						<MenuItem
							onSelect={() =>
								act.mutate({ act: "refund", orderId: order.id, lines: [{ sku, quantity: 1 }], restock: true })
							}
						>
							Refund one {sku || title}, restocked
						</MenuItem>
						<MenuItem
							onSelect={() =>
								act.mutate({ act: "refund", orderId: order.id, lines: [{ sku, quantity: 1 }], restock: false })
							}
						>
							Refund one {sku || title}, kept by the buyer
						</MenuItem>
						<MenuItem onSelect={() => act.mutate({ act: "edit", orderId: order.id, sku, quantity: quantity + 1 })}>
							Edit the order: one {sku || title} more
						</MenuItem>
						<MenuItem onSelect={() => act.mutate({ act: "edit", orderId: order.id, sku, quantity: quantity - 1 })}>
							Edit the order: one {sku || title} less
						</MenuItem>
					</span>
				))}
			</Menu>
		</li>
	);
}
