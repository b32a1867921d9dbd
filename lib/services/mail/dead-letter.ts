import type { LogLine } from "../log/append-log";

/** The log's line of mail that could not be read, and waits for a person. */
export const deadLetter = (channelId: string, mail: { id: number; topic: string }, error: string): LogLine => ({
	kind: "mail.dead",
	state: "warn",
	channelId,
	inboxId: mail.id,
	data: { topic: mail.topic, error },
});
