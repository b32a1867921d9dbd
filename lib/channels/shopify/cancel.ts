/**
 * One call of orderCancel. Shopify checks some of it at once and answers with the reasons why not; the rest is a job that
 * it does by itself, and the order's `cancelledAt` says when it has.
 */
import type { CancelOutcome, Connection } from "../channel-adapter";
import { type CancelOrderReply, cancelOrderReply } from "./api-types";
import { callShopify, ShopifyError } from "./client";
import { cancelOrderDocument } from "./documents";
import { gidOf } from "./mapper";

/** Merchants see it beside the cancelled order; at most 255 characters. */
const note = "Cancelled by Onecount: it was sold more often than there were units.";

export async function cancelOrder(connection: Connection, orderRef: string): Promise<CancelOutcome> {
	const variables = { id: gidOf("Order", orderRef), note };
	const { data } = await callShopify(connection, cancelOrderDocument, variables, cancelOrderReply);
	return cancelOutcome(data.orderCancel);
}

/** Pure: the payload of an answered call. Throws ShopifyError where Shopify itself had trouble. */
export function cancelOutcome({ job, orderCancelUserErrors: errors }: CancelOrderReply): CancelOutcome {
	const [first] = errors;
	if (!first) {
		// Neither a job nor a reason: nothing says that it will be done.
		if (!job) throw new ShopifyError("unreadable", "Shopify did not say whether it cancels the order.");
		return { result: "accepted" };
	}
	const code = first.code ?? null;
	if (code === "INTERNAL_ERROR")
		throw new ShopifyError("unreachable", "Shopify is having trouble.", { code, mayHaveLanded: true });
	if (code === "NOT_FOUND")
		return { result: "refused", error: new ShopifyError("gone", "Shopify no longer knows this order.", { code }) };
	const fix =
		code === "NO_REFUND_PERMISSION"
			? "Let the app refund orders in Shopify, or cancel the order there."
			: "Cancel it in Shopify, where the order says what stands in the way.";
	return {
		result: "refused",
		error: new ShopifyError("refused", `Shopify refused to cancel it: ${first.message.replace(/\.$/, "")}.`, {
			fix,
			code,
		}),
	};
}
