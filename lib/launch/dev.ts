/** `npm run dev`: pages are built as they are asked for, sandbox stores are on. */
import { startApp } from "./app";
import { runCommand } from "./command";

await runCommand(async () => {
	process.env.ONECOUNT_SANDBOX ??= "on";
	const { origin } = await startApp({ isDev: true, host: "127.0.0.1" });
	console.log(`Onecount is running at ${origin} (development)`);
	return undefined;
});
