/** `npm run demo`: from nothing to a shop full of stores, in one command; started again, it is there as it was left. */
import { seedDemo } from "@/lib/services/demo/seed-demo";
import { startApp } from "./app";
import { ensureBuild } from "./app-build";
import { runCommand } from "./command";

await runCommand(async () => {
	process.env.ONECOUNT_SANDBOX ??= "on";
	process.env.ONECOUNT_LOG ??= "plain";
	await ensureBuild();
	const { origin } = await startApp({ isDev: false, host: "127.0.0.1" });
	const { signInUrl, others } = await seedDemo({ origin });
	console.log(`
Onecount is running at ${origin}

Sign in once with this link:
  ${signInUrl}

Ctrl-C stops it; what you change is kept.
`);
	for (const sentence of await others) console.error(sentence);
	return undefined;
});
