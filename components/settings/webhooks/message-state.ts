import type { StateKind } from "@/components/ui/state-shape";
import type { EndpointView, MessageView } from "@/lib/queries/settings";

type Message = Pick<MessageView, "state" | "attempts" | "body" | "nextTryAt">;
type Endpoint = Pick<EndpointView, "disabledAt" | "failingSince" | "pausedUntil">;

/** Where a message stands. One alone is sent to an endpoint that does not take them, and the others wait for what comes of it. */
export function messageState(message: Message, endpoint: Endpoint): { shape: StateKind; word: string } {
	const { state, attempts, body } = message;
	switch (state) {
		case "delivered":
			return { shape: "ok", word: "taken" };
		case "failed":
			return { shape: "off", word: "given up" };
		case "superseded":
			return { shape: "none", word: "overtaken by a newer one" };
		case "waiting":
			if (endpoint.disabledAt !== null) return { shape: "hold", word: "waits until the endpoint is switched on" };
			if (attempts.length > 0) return { shape: "warn", word: "not taken yet" };
			// Its bytes are made with its first try.
			return endpoint.failingSince !== null && body === null
				? { shape: "hold", word: "waits behind one that was not taken" }
				: { shape: "go", word: "on its way" };
	}
}

/** When one that was not taken may be sent again, in milliseconds: its own time, and not before its endpoint's pause is over. */
export function nextTry({ attempts, nextTryAt }: Message, { disabledAt, pausedUntil }: Endpoint): number | null {
	if (nextTryAt === null || attempts.length === 0 || disabledAt !== null) return null;
	return Math.max(Date.parse(nextTryAt), pausedUntil === null ? 0 : Date.parse(pausedUntil));
}
