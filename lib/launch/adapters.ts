/** `npm run adapters`: what each adapter knows of its platform, and from where; `-- --readme` brings README.md's table up to date. */
import { readFileSync, writeFileSync } from "node:fs";
import { details, overview, readAdapters, withOverview } from "./adapter-table";
import { LaunchError, runCommand } from "./command";

await runCommand(async () => {
	const [option, ...more] = process.argv.slice(2);
	if (more.length > 0 || (option && option !== "--readme"))
		throw new LaunchError("npm run adapters takes nothing, or -- --readme.");
	const rows = await readAdapters();
	if (option) writeFileSync("README.md", withOverview(readFileSync("README.md", "utf8"), overview(rows)));
	else for (const line of [...overview(rows), ...details(rows)]) console.log(line);
	return 0;
});
