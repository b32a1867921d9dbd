/**
 * Mends the database driver in node_modules after each install. When a connection is cut, postgres 3.4.9 forgets that
 * its last write was cancelled and that it has no socket: what is sent then (the rollback of a transaction that was cut,
 * for one) hangs for ever or throws where nobody can catch it; and one that is cut while it starts leaves a rejection
 * that nobody handles. So a restart of Postgres could take the app with it. Known upstream as porsager/postgres #1154,
 * #1155 and #1208; to be removed when a release has it. Shown by db/driver-patch.db.test.ts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const closing = `    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)
    socket.removeListener('connect', connected)
    idleTimer.cancel()`;

const mends = [
	[
		closing,
		closing.replace(
			"(nextWriteTimer)\n",
			"(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    terminated = true\n",
		),
	],
	["return fetchArrayTypes()\n", "return fetchArrayTypes().catch(() => {})\n"],
];

const root = path.resolve(path.dirname(createRequire(import.meta.url).resolve("postgres")), "../..");
for (const name of ["src/connection.js", "cjs/src/connection.js"]) {
	const file = path.join(root, name);
	const text = readFileSync(file, "utf8");
	let mended = text;
	for (const [fault, cure] of mends) {
		if (mended.includes(cure)) continue;
		if (!mended.includes(fault)) console.warn(`${file} is not the version that db/driver-patch.mjs knows.`);
		mended = mended.replace(fault, cure);
	}
	if (mended !== text) writeFileSync(file, mended);
}
