/** `npm start`: production, from a finished build. */
import { startApp } from "./app";
import { distDir, hasBuild } from "./app-build";
import { LaunchError, runCommand } from "./command";

await runCommand(async () => {
	if (!hasBuild()) throw new LaunchError(`There is no build in ${distDir()} yet; run npm run build first.`);
	const { origin } = await startApp({ isDev: false });
	console.log(`Onecount is running at ${origin}`);
	return undefined;
});
