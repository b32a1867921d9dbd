/**
 * The app in a small process: the front door, `receiveWebhook`, the embedded engine over HTTP to its own port and the
 * functions, as `npm start` runs them; only the pages are missing, so that it starts in well under a second. Bundled and
 * started by app.ts. Its twins make one mistake each.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { serve } from "inngest/edge";
import { functions } from "@/inngest";
import { inngest } from "@/inngest/client";
import { env } from "@/lib/env";
import { startBackground } from "@/lib/launch/background";
import { frontDoor, usualDoors } from "@/lib/launch/front-door";
import { readBody, sendWebResponse, toWebRequest } from "@/lib/launch/node-web";
import { armFaultPoint } from "@/lib/services/sync/fault-points";
import { acknowledgeFirst, markFirst, type Twin } from "./twins";

const twin = process.env.ONECOUNT_TWIN as Twin | undefined;
const answerFunctions = serve({ client: inngest, functions });

async function functionsOnly(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
	if (!incoming.url?.startsWith("/api/inngest")) return void outgoing.writeHead(404).end();
	const body = await readBody(incoming, 50_000_000);
	await sendWebResponse(outgoing, await answerFunctions(toWebRequest(incoming, outgoing, body ?? Buffer.alloc(0))));
}

const doors = usualDoors((incoming, outgoing) => {
	functionsOnly(incoming, outgoing).catch(() => outgoing.destroy());
}, false);
const server = createServer(
	frontDoor(twin === "acknowledges first" ? { ...doors, webhooks: acknowledgeFirst } : doors),
);
server.keepAliveTimeout = 65_000;
server.listen(env().port, "127.0.0.1", async () => {
	await startBackground();
	if (twin === "marks first") await markFirst();
	process.send?.("ready");
});
process.on("message", (at: string) => armFaultPoint(at));
// The proof that started it is gone.
process.on("disconnect", () => process.exit(0));
