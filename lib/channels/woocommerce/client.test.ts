import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ChannelError } from "../errors";
import { product, products } from "./api-types";
import { callWoo, mayHaveLanded, readReply, retryAfterMs, type WooError } from "./client";
import { recordedReply } from "./testing/recorded";
import { scriptedShop } from "./testing/scripted-shop";

function errorOf(name: string, kind: "read" | "write" = "read"): WooError {
	try {
		readReply(recordedReply(name), z.unknown(), kind);
	} catch (error) {
		return error as WooError;
	}
	throw new Error(`${name} was taken for an answer`);
}

describe("what a real shop answered", () => {
	test.each([
		["err_basic_over_http", "access_revoked", "woocommerce_rest_cannot_view"],
		["err_no_auth", "access_revoked", "woocommerce_rest_cannot_view"],
		["err_wrong_key", "access_revoked", "woocommerce_rest_cannot_view"],
		["err_wrong_secret", "access_revoked", "woocommerce_rest_authentication_error"],
		["err_oauth_bad_signature", "access_revoked", "woocommerce_rest_authentication_error"],
		["err_oauth_stale_timestamp", "refused", "CLOCK"],
		["err_read_key_writes", "missing_scope", "write_permission"],
		["err_write_key_reads", "missing_scope", "read_permission"],
		["err_customer_role_writes", "missing_scope", "woocommerce_rest_cannot_create"],
		["err_plugin_inactive", "not_a_store", "rest_no_route"],
		["err_no_route", "not_a_store", "rest_no_route"],
		["err_unknown_product", "gone", "woocommerce_rest_product_invalid_id"],
		["err_order_deleted", "gone", "woocommerce_rest_shop_order_invalid_id"],
		["err_put_variation_as_product", "gone", "woocommerce_rest_invalid_product_id"],
		["err_stock_quantity_abc", "refused", "rest_invalid_param"],
		["err_broken_json", "refused", "rest_invalid_json"],
		["err_batch_101", "refused", "woocommerce_rest_request_entity_too_large"],
		["err_webhook_bad_topic", "refused", "woocommerce_rest_shop_webhook_invalid_topic"],
		["err_php_fatal", "unreachable", "internal_server_error"],
		["err_database_down", "unreachable", "wp_die"],
		["err_maintenance_mode", "unreachable", "wp_die"],
	])("%s is %s (%s)", (name, reason, code) => {
		expect(errorOf(name)).toMatchObject({ reason, code });
	});

	test("of key and secret the one is blamed that the shop names", () => {
		const said = (message: string) => {
			const text = JSON.stringify({ code: "woocommerce_rest_authentication_error", message, data: { status: 401 } });
			try {
				readReply({ ...recordedReply("err_wrong_secret"), text }, z.unknown(), "read");
			} catch (error) {
				return (error as WooError).message;
			}
		};
		expect(said("Consumer key is invalid.")).toBe("WooCommerce does not know the consumer key.");
		expect(said("Consumer secret is invalid.")).toBe("WooCommerce does not accept the consumer secret.");
		expect(said("Invalid signature - provided signature does not match.")).toBe(
			"WooCommerce does not accept the consumer secret.",
		);
	});

	test("an error whose data is a bare number is read like any other", () => {
		expect(errorOf("err_refund_too_much").message).toBe("The shop is having trouble: Invalid refund amount.");
	});

	test("WordPress's HTML becomes a sentence", () => {
		expect(errorOf("err_php_fatal").message).toBe(
			"The shop is having trouble: There has been a critical error on this website. Learn more about troubleshooting WordPress.",
		);
	});

	test("maintenance says when to come back, and did nothing", () => {
		const error = errorOf("err_maintenance_mode", "write");
		expect(error.retryAfterMs).toBe(600_000);
		expect(mayHaveLanded(error)).toBe(false);
	});

	test("a page where the API should be is no answer, whatever its status, and says nothing about a write", () => {
		for (const name of ["plain_permalinks_products", "plain_permalinks_put"]) {
			const error = errorOf(name, "write");
			expect(error).toMatchObject({ reason: "not_a_store", code: "HTML" });
			expect(error.fix).toContain("Settings → Permalinks");
			expect(mayHaveLanded(error)).toBe(true);
		}
	});

	test("a PHP warning before the answer is cut from a read, and damages a write's answer", () => {
		const shape = z.object({ id: z.number() });
		expect(readReply(recordedReply("html_warning_before_json"), shape, "read").data).toEqual({ id: 10 });
		const error = errorOf("html_warning_before_json", "write");
		expect(error).toMatchObject({ reason: "unreadable", code: "NOT_JSON" });
		expect(mayHaveLanded(error)).toBe(true);
	});

	test("its lists and products are read", () => {
		expect(readReply(recordedReply("products_modified_after_gmt"), products, "read").data[0]).toMatchObject({
			id: 11,
			manage_stock: true,
			stock_quantity: 50,
			date_modified_gmt: Date.parse("2026-11-23T13:55:15Z"),
		});
		expect(readReply(recordedReply("product_get_simple"), product, "read").data.sku).toBe("SKU-A");
	});
});

describe("what stands between", () => {
	const reply = (status: number, text: string, headers: Record<string, string> = {}) => {
		try {
			readReply({ status, headers: { "content-type": "text/html", ...headers }, text, ms: 1 }, z.unknown(), "write");
		} catch (error) {
			return error as WooError;
		}
		throw new Error("taken for an answer");
	};
	const page = "<!DOCTYPE html><html></html>";

	test("a byte-order mark is not in the way", () => {
		const text = '\uFEFF{"id":1}';
		expect(readReply({ status: 200, headers: {}, text, ms: 1 }, z.unknown(), "write").data).toEqual({ id: 1 });
	});

	test("a notice with brackets of its own is cut as well", () => {
		const text = 'Notice: Undefined index [0] in {closure}\n[{"id":1}]';
		expect(readReply({ status: 200, headers: {}, text, ms: 1 }, z.unknown(), "read").data).toEqual([{ id: 1 }]);
	});

	test("a firewall's page is not revoked access", () => {
		expect(reply(403, page).reason).toBe("refused");
		expect(reply(401, page).reason).toBe("refused");
		expect(reply(401, "Unauthorized").reason).toBe("refused");
	});

	test("too many requests is congestion, with a pause", () => {
		expect(reply(429, page, { "retry-after": "7" })).toMatchObject({ reason: "throttled", retryAfterMs: 7_000 });
		expect(reply(429, "").retryAfterMs).toBe(5_000);
	});

	test.each([500, 502, 503, 504, 520, 524])("a gateway's %d may have let a write pass", (status) => {
		expect(mayHaveLanded(reply(status, page))).toBe(true);
	});

	test("a shop that moved is named", () => {
		const error = reply(301, "", { location: "https://www.shop.example.com/wp-json/wc/v3/products?x=1" });
		expect(error).toMatchObject({ reason: "not_a_store", fix: "Connect https://www.shop.example.com instead." });
	});

	test("Retry-After is seconds or a date", () => {
		expect(retryAfterMs("2")).toBe(2_000);
		expect(retryAfterMs(new Date(Date.now() + 30_000).toUTCString())).toBeGreaterThan(25_000);
		expect(retryAfterMs("soon")).toBeNull();
		expect(retryAfterMs(undefined)).toBeNull();
	});
});

test("a connection without keys says so before anything leaves", async () => {
	const { connection, asked } = scriptedShop(() => ({ json: [] }));
	const call = callWoo({ ...connection, access: {} }, { method: "GET", path: "/products" }, z.unknown());
	await expect(call).rejects.toBeInstanceOf(ChannelError);
	expect(asked).toEqual([]);
});
