/**
 * Magento Open Source has no webhooks. Adobe Commerce's are synchronous and hold up the buyer's checkout, and its events need an
 * Adobe project of the merchant's: neither is used. So nothing that arrives can be genuine, and nothing is ever missing.
 */
import type { Signal, WebhookRegistration, WebhookVerdict } from "../news";

export const registerWebhooks = async (): Promise<WebhookRegistration> => ({ state: "unreachable", missing: [] });

export const removeWebhooks = async (): Promise<void> => {};

export const verifyWebhook = (): WebhookVerdict => ({ verdict: "rejected", reason: "missing_signature" });

export const parseWebhook = (): Signal[] => [];
