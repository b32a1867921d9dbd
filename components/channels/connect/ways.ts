/** The ways in, by platform; known to the server, which reads the address, and to the browser. */
export const shopifyWays = ["install", "client", "token"] as const;
export type ShopifyWay = (typeof shopifyWays)[number];

export const wooWays = ["agree", "keys"] as const;
export type WooWay = (typeof wooWays)[number];
