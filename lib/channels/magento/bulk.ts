/**
 * The asynchronous route: the store takes the rows in and its queue consumer applies them. It is used for large batches alone, and
 * only where `connect` saw that the consumer works. Operations come in no promised order: while one is open, its SKUs are left
 * alone. An operation that is still open when we stop asking is accepted, and applied later or never.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import { jsonIn } from "../json-in";
import type { WriteOutcome } from "../listing";
import { bulkAnswer, bulkState, operations } from "./api-types";
import { callMagento, MagentoError, mayHaveLanded } from "./client";
import { largestPageOf, searchQuery } from "./search";
import type { SourceRow } from "./source-rows";
import { inPieces } from "./stock";

const bulkTopic = "async.magento.inventoryapi.api.sourceitemssaveinterface.execute.post";
/** Below this a plain call is sooner done. */
const fewestRows = 100;
/** A store whose consumer left something open is written plainly for this long. */
const distrustedMs = 60 * 60_000;
const distrusted = new Map<string, number>();

const keyOf = ({ channelId, baseUrl }: Connection) => `${channelId} ${baseUrl}`;

export const mayWriteInBulk = (connection: Connection, rows: number): boolean =>
	connection.facts.consumersRun === true &&
	rows >= fewestRows &&
	connection.now().getTime() >= (distrusted.get(keyOf(connection)) ?? 0);

/** The store's consumer works, so that this process or another may have given it something to do. */
export const mayHaveOpenBulks = ({ facts }: Connection): boolean => facts.consumersRun === true;

/** Later than this there is no time left to ask what became of it. */
export const latestBulkMs = 10_000;
const postTimeoutMs = 15_000;
const askTimeoutMs = 3_000;
/** Between two questions; the last wait ends it. */
const waitsMs = [250, 500, 1_000, 2_000, 4_000];

/** `objection`: what was said of rows that went as one operation, and of none by name. */
type Written = { outcomes: WriteOutcome[]; trouble: ChannelError | null; objection?: ChannelError };

/** Null: the store does not take them so, and nothing has left. */
export async function writeInBulk(
	connection: Connection,
	rows: readonly SourceRow[],
	rowsEach: number,
): Promise<Written | null> {
	const pieces = inPieces(rows, rowsEach);
	const body = pieces.map((some) => ({ sourceItems: some.map(({ item }) => item) }));
	let uuid: string;
	let taken: Set<number>;
	try {
		const call = {
			method: "POST" as const,
			path: "/async/bulk/V1/inventory/source-items",
			body,
			timeoutMs: postTimeoutMs,
		};
		const answer = await callMagento(connection, call, bulkAnswer);
		uuid = answer.bulk_uuid;
		taken = new Set(answer.request_items.flatMap(({ id, status }) => (status === "accepted" ? [id] : [])));
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		if (mayHaveLanded(error)) {
			distrust(connection);
			return { outcomes: rows.map(({ externalKey }) => ({ externalKey, result: "unknown" })), trouble: error };
		}
		const isOfTheRoute =
			error.reason === "refused" || error.reason === "not_a_store" || error.reason === "missing_scope";
		if (isOfTheRoute) return null;
		return { outcomes: rows.map(({ externalKey }) => ({ externalKey, result: "not_sent" })), trouble: error };
	}
	const states = await followBulk(connection, uuid, taken);
	if ([...taken].some((id) => states.get(id)?.status === undefined || states.get(id)?.status === 4))
		distrust(connection);
	const outcomes = pieces.flatMap((some, id) => {
		const result = taken.has(id) ? resultOf(states.get(id)) : "not_sent";
		return some.map(
			({ externalKey }): WriteOutcome =>
				result === "applied" ? { externalKey, result, shown: null } : { externalKey, result },
		);
	});
	const [only] = pieces.length === 1 ? states.values() : [];
	if (only && isOfTheRows(only))
		return { outcomes, trouble: null, objection: new MagentoError("refused", `Magento answered: ${only.message}`) };
	return { outcomes, trouble: null };
}

const distrust = (connection: Connection) =>
	void distrusted.set(keyOf(connection), connection.now().getTime() + distrustedMs);

type State = { status: number; message: string };

/** They were looked at, and none was saved. */
const isOfTheRows = ({ status, message }: State) =>
	status === 3 && /^(Validation Failed|Input data is empty)/i.test(message);

/** All or nothing each. What failed in the save may have stored a part; what failed before it has not. */
function resultOf(state: State | undefined): "applied" | "accepted" | "not_sent" | "unknown" {
	switch (state?.status) {
		case 1:
			return "applied";
		case 3:
			return isOfTheRows(state) ? "not_sent" : "unknown";
		case 5:
			return "not_sent";
		case 2:
			return "unknown";
		default:
			return "accepted";
	}
}

async function followBulk(
	connection: Connection,
	uuid: string,
	taken: ReadonlySet<number>,
): Promise<Map<number, State>> {
	const states = new Map<number, State>();
	for (const waitMs of waitsMs) {
		await pause(waitMs);
		try {
			const path = `/V1/bulk/${encodeURIComponent(uuid)}/status`;
			const { operations_list } = await callMagento(
				connection,
				{ method: "GET", path, timeoutMs: askTimeoutMs },
				bulkState,
			);
			for (const { id, status, result_message } of operations_list)
				states.set(id, { status, message: result_message ?? "" });
		} catch (error) {
			// What is not known is accepted.
			if (!(error instanceof ChannelError)) throw error;
			return states;
		}
		if ([...taken].every((id) => (states.get(id)?.status ?? 4) !== 4)) return states;
	}
	return states;
}

/**
 * SKUs of operations that the store's consumer has not come to yet, whoever sent them: another write of theirs could be overtaken
 * by the older one.
 */
export async function openBulkSkus(connection: Connection): Promise<Set<string>> {
	const query = searchQuery({
		groups: [
			[{ field: "topic_name", value: bulkTopic, condition: "eq" }],
			[{ field: "status", value: 4, condition: "eq" }],
		],
		sortBy: "id",
		pageSize: Math.min(100, largestPageOf(connection)),
	});
	const { items } = await callMagento(connection, { method: "GET", path: "/V1/bulk", query }, operations);
	return new Set(items.flatMap(({ serialized_data }) => skusIn(jsonIn(serialized_data ?? ""))));
}

/** The rows are JSON within JSON, under names that versions choose: whatever is called a SKU is one. */
function skusIn(value: unknown): string[] {
	if (typeof value === "string") return /^\s*[{[]/.test(value) ? skusIn(jsonIn(value)) : [];
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value).flatMap(([name, inner]) =>
		name === "sku" && typeof inner === "string" ? [inner] : skusIn(inner),
	);
}

export const stillQueued = () =>
	new MagentoError("throttled", "The store's message queue has not applied our last numbers yet.", {
		fix: "Start the queue consumer “async.operations.all” on the store's host (bin/magento queue:consumers:start async.operations.all).",
		code: "BULK_OPEN",
		retryAfterMs: 15_000,
	});

/** Whether the consumer works, told by what it has done: there is an operation that is done, and none that waits. */
export async function consumersRun(connection: Connection): Promise<boolean> {
	const any = async (status: number) => {
		const groups = [[{ field: "status", value: status, condition: "eq" }]];
		const query = searchQuery({ groups, sortBy: "id", pageSize: 1 });
		return (await callMagento(connection, { method: "GET", path: "/V1/bulk", query }, operations)).items.length > 0;
	};
	return (await any(1)) && !(await any(4));
}
