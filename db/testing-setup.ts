/** Vitest's global set-up: one database server for the whole run. */
import { startTestServer } from "./testing";

export default startTestServer;
