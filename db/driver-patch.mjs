/**
 * Mends the database driver in node_modules after each install: what postgres 3.4.9 gets wrong when a connection is cut
 * or a statement fails half-way, so that a restart of Postgres could take the app with it. Known upstream in part, as
 * porsager/postgres #1154, #1155 and #1208; each mend goes when a release has it. Shown by db/driver-patch.db.test.ts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** By file: what stands there, and what is to stand there. */
const mends = {
	"connection.js": [
		// It forgets that its last write was cancelled and that it has no socket: what is sent then (the rollback of a
		// transaction that was cut, for one) hangs for ever, or throws where nobody can catch it.
		[
			`    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)
    socket.removeListener('connect', connected)
    idleTimer.cancel()`,
			`    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    terminated = true
    socket.removeListener('data', data)
    socket.removeListener('connect', connected)
    idleTimer.cancel()`,
		],
		// It keeps what it had sent, and half of what it had heard, for its next connection: statements of that one wait
		// for the answers to these, get their error, or rows of which the first ones are missing.
		[
			`    socket.removeAllListeners()
    socket = null

    if (initial)
      return reconnect()

    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))`,
			`    socket.removeAllListeners()
    socket = null

    const lost = Errors.connection('CONNECTION_CLOSED', options, socket)
    stream && (stream.destroy(lost), stream = null)
    query && queryError(query, lost)
    while (sent.length)
      queryError(sent.shift(), lost)
    query = results = errorResponse = null
    result = new Result()
    rows = 0

    if (initial)
      return reconnect()
`,
		],
		// A statement that fails after some of its rows leaves their number to the next one, whose rows come behind a gap.
		[
			`    query = results = errorResponse = null
    result = new Result()
    connectTimer.cancel()`,
			`    query = results = errorResponse = null
    result = new Result()
    rows = 0
    connectTimer.cancel()`,
		],
		// One that is cut while it starts leaves a rejection that nobody handles.
		["return fetchArrayTypes()\n", "return fetchArrayTypes().catch(() => {})\n"],
	],
	"index.js": [
		// A transaction whose connection was cut sends its next statements on the next connection, outside of any
		// transaction or in another one.
		[
			`    let savepoints = 0
      , connection
`,
			`    let savepoints = 0
      , lost = null
      , connection
`,
		],
		[
			`new Promise((_, reject) => connection.onclose = reject)`,
			`new Promise((_, reject) => connection.onclose = error => {
          lost = error
          while (queries.length)
            queries.shift().reject(error)
          reject(error)
        })`,
		],
		[
			`        q.catch(e => uncaughtError || (uncaughtError = e))
        c.queue === full`,
			`        q.catch(e => uncaughtError || (uncaughtError = e))
        if (lost)
          return q.reject(lost)

        c.queue === full`,
		],
	],
};

const root = path.resolve(path.dirname(createRequire(import.meta.url).resolve("postgres")), "../..");
for (const [name, pairs] of Object.entries(mends)) {
	for (const file of [path.join(root, "src", name), path.join(root, "cjs/src", name)]) {
		const text = readFileSync(file, "utf8");
		let mended = text;
		for (const [fault, cure] of pairs) {
			if (mended.includes(cure)) continue;
			if (!mended.includes(fault)) console.warn(`${file} is not the version that db/driver-patch.mjs knows.`);
			mended = mended.replace(fault, cure);
		}
		if (mended !== text) writeFileSync(file, mended);
	}
}
