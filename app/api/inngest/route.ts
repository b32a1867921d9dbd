import { serve } from "inngest/next";
import { functions } from "@/inngest";
import { inngest } from "@/inngest/client";
import { env } from "@/lib/env";

export const dynamic = "force-dynamic";

export const { GET, POST, PUT } = serve({
	client: inngest,
	functions,
	// The engine signs when it asks for the functions; an unsigned PUT from anywhere must not make the app call out. A
	// server may ask unsigned.
	...(env().inngest.kind === "embedded" ? { enableUnauthedSync: false } : {}),
});
