import type { SandboxStore } from "../sandbox-platform";
import type { Event } from "./news";
import { type OrderRow, type OrderStatus, openUnits } from "./order-rows";

const oldStatus: Record<OrderStatus, string> = {
	PENDING: "Pending",
	UNSHIPPED: "Unshipped",
	PARTIALLY_SHIPPED: "PartiallyShipped",
	SHIPPED: "Shipped",
	CANCELLED: "Canceled",
};

/** News of an order: in the older interface's spelling, with a postal code that nobody asked for. */
export function changeOf(store: SandboxStore, order: OrderRow, type: string, reason: string | null): Event {
	const open = order.data.items.reduce((sum, line) => sum + openUnits(line), 0);
	const shipped = order.data.items.reduce((sum, line) => sum + line.quantityFulfilled, 0);
	return {
		type: "ORDER_CHANGE",
		orderId: order.id,
		isPending: order.status === "PENDING",
		payload: {
			OrderChangeNotification: {
				NotificationLevel: "OrderLevel",
				SellerId: store.secrets.sellerId ?? "",
				AmazonOrderId: order.id,
				OrderChangeType: type,
				OrderChangeTrigger: { TimeOfOrderChange: order.modified_at, ChangeReason: reason ?? "New order" },
				Summary: {
					MarketplaceId: order.data.marketplaceId,
					OrderStatus: oldStatus[order.status],
					PurchaseDate: order.created_at,
					DestinationPostalCode: "48110",
					FulfillmentType: order.data.fulfilledBy === "AMAZON" ? "AFN" : "MFN",
					OrderType: "StandardOrder",
					NumberOfItemsShipped: shipped,
					NumberOfItemsUnshipped: open,
					OrderItems: order.data.items.map((line) => ({
						OrderItemId: line.orderItemId,
						SellerSKU: line.sku,
						SupplySourceId: null,
						// Of an item it knows no other words.
						OrderItemStatus: line.quantityFulfilled > 0 && openUnits(line) === 0 ? "Shipped" : "Unshipped",
						Quantity: line.quantityOrdered,
						QuantityShipped: line.quantityFulfilled,
						IsBuyerRequestedCancel: line.request !== null,
					})),
				},
			},
		},
	};
}
