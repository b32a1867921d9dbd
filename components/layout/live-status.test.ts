import { expect, test } from "vitest";
import { liveStatus, reportAnswer, reportLive } from "./live-status";

test("nothing answers since the first failure, until anything does or the stream is back", () => {
	reportLive({ kind: "live", lagMs: 4 });
	reportAnswer(false, 1_000);
	expect(liveStatus()).toEqual({ kind: "live", lagMs: 4 });
	reportLive({ kind: "reconnecting" });
	reportAnswer(false, 2_000);
	reportLive({ kind: "polling" });
	expect(liveStatus()).toEqual({ kind: "down", since: 1_000 });

	reportAnswer(true);
	expect(liveStatus()).toEqual({ kind: "polling" });
	reportAnswer(false, 9_000);
	expect(liveStatus()).toEqual({ kind: "down", since: 9_000 });
	reportLive({ kind: "live", lagMs: null });
	reportLive({ kind: "reconnecting" });
	expect(liveStatus()).toEqual({ kind: "reconnecting" });
});
