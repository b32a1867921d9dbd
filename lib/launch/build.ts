/** `npm run build`: the app for production. */
import { buildApp } from "./app-build";
import { runCommand } from "./command";

await runCommand(async () => {
	await buildApp({ isVerbose: true });
	return 0;
});
