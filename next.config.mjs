import { existsSync, writeFileSync } from "node:fs";

const distDir = process.env.NEXT_DIST_DIR ?? ".next";

/** Next writes the build's folder into the TypeScript configuration that it is given; the checked-in one names `.next`. */
function typescriptConfig() {
	if (distDir === ".next") return "tsconfig.json";
	const file = `${distDir}.tsconfig.json`;
	if (!existsSync(file)) writeFileSync(file, JSON.stringify({ extends: "./tsconfig.json" }));
	return file;
}

/** Headers that hold everywhere. The pages' content security policy carries a nonce, so proxy.ts sets it per request. */
const headers = [
	{ key: "x-content-type-options", value: "nosniff" },
	{ key: "x-frame-options", value: "DENY" },
	{ key: "referrer-policy", value: "strict-origin-when-cross-origin" },
	{ key: "cross-origin-opener-policy", value: "same-origin" },
	{ key: "permissions-policy", value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
	// Browsers heed it over https only, so that local use is not affected.
	{ key: "strict-transport-security", value: "max-age=31536000" },
];

/** @type {import("next").NextConfig} */
const config = {
	// A second build can live beside the first, e.g. the one under test beside the one that is being used.
	distDir,
	outputFileTracingRoot: import.meta.dirname,
	poweredByHeader: false,
	reactStrictMode: true,
	// Types are the business of `npm run check` and `npm test`; a merchant who only starts Onecount need not wait for them.
	typescript: { ignoreBuildErrors: true, tsconfigPath: typescriptConfig() },
	// Native, or to be one copy for the bundle and for the front door.
	serverExternalPackages: ["@node-rs/argon2", "graphql", "inngest", "pino", "postgres", "undici"],
	headers: async () => [
		{ source: "/:path*", headers },
		{
			source: "/api/:path*",
			headers: [{ key: "content-security-policy", value: "default-src 'none'; frame-ancestors 'none'" }],
		},
		// Stores send browsers back here with what is worth access in the address.
		{ source: "/api/oauth/:path*", headers: [{ key: "referrer-policy", value: "no-referrer" }] },
		// BigCommerce does so in a frame of its control panel: there stands a link that leads out of it, and nothing else.
		{
			source: "/api/oauth/:path*",
			has: [{ type: "header", key: "sec-fetch-dest", value: "iframe" }],
			headers: [{ key: "content-security-policy", value: "default-src 'none'; frame-ancestors *" }],
		},
	],
};

export default config;
