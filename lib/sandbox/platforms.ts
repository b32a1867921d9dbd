/** The platforms that sandbox stores can be. */
import type { Platform } from "@/db/schema";
import { amazonSandbox } from "./amazon";
import { api2cartSandbox } from "./api2cart";
import { bigcommerceSandbox } from "./bigcommerce";
import { magentoSandbox } from "./magento";
import type { SandboxPlatform } from "./sandbox-platform";
import { shopifySandbox } from "./shopify";
import { squareSandbox } from "./square";
import { woocommerceSandbox } from "./woocommerce";

const platforms: Partial<Record<Platform, SandboxPlatform>> = {
	shopify: shopifySandbox,
	woocommerce: woocommerceSandbox,
	amazon: amazonSandbox,
	api2cart: api2cartSandbox((platform) => sandboxPlatform(platform)),
	bigcommerce: bigcommerceSandbox,
	magento: magentoSandbox,
	square: squareSandbox,
};

/** Null for a platform that has no sandbox, or for a word that is none. */
export const sandboxPlatform = (platform: string): SandboxPlatform | null =>
	Object.hasOwn(platforms, platform) ? (platforms[platform as Platform] ?? null) : null;

export const sandboxPlatforms = (): SandboxPlatform[] => Object.values(platforms);
