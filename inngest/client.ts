/**
 * The Inngest client. Which executor drives the functions is decided by the environment alone (lib/env): the embedded
 * engine, an Inngest server, Inngest's dev server or Inngest Cloud. The functions are the same.
 */
import { Inngest } from "inngest";
import { engineFetch } from "@/lib/engine";
import { env } from "@/lib/env";

const { inngest: backend, inngestSigningKey, inngestEventKey } = env();

/** With no server, what the SDK would send to one becomes calls of the engine in this process. Cloud mode: signed only. */
const embedded = {
	isDev: false,
	// Never resolved: `fetch` takes it.
	baseUrl: "http://engine.invalid",
	signingKey: inngestSigningKey,
	eventKey: inngestEventKey,
	fetch: engineFetch as typeof fetch,
};

export const inngest = new Inngest({
	id: "onecount",
	// Spans of AI calls; there are none, and looking for them costs time in every step.
	aiMetadata: false,
	...(backend.kind === "embedded" ? embedded : {}),
});
