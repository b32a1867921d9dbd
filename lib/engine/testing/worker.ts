/** A process that runs the conformance app on the database it is given, until it is killed. */
import postgres from "postgres";
import { clientFor } from "@/db/client";
import { createEngine, inProcessTransport } from "..";
import { embeddedApp, observer, quickSettings, testKeys } from "./harness";

const [url = ""] = process.argv.slice(2);
const app = embeddedApp({ observe: observer(postgres(url, { max: 4, onnotice: () => {} })) });
const engine = createEngine({
	...testKeys,
	sql: clientFor("engine", url),
	app: { endpoint: "http://engine.invalid/api/inngest", transport: inProcessTransport(app.handler) },
	settings: { ...quickSettings, leaseMs: 1_000 },
});
app.use(engine);
await engine.ready;
process.stdout.write("ready\n");
