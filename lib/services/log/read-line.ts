import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import { authorise, type Context, isAtLeast } from "../context";
import { NotFound } from "../errors";
import { type KeptMail, readKeptMail } from "../mail/kept-mail";
import type { ChainStep } from "./chain-step";
import { happenedAt } from "./confirmations";
import { type LogLineView, pickedColumns, readLines } from "./line";
import { mailSteps } from "./mail-steps";
import { type ChainPush, readPushes } from "./read-pushes";
import { readWays, waySteps } from "./ways";

export type LogChain = {
	line: LogLineView;
	/** The row's own facts. */
	data: Record<string, unknown>;
	skuVersion: number | null;
	/** When it happened in the store, as far as that is known; else when it was counted. */
	happenedAt: number;
	steps: ChainStep[];
	pushes: ChainPush[];
	/** News that could not be read, as it came; null also for those who may do nothing about it: it may hold a customer's address. */
	mail: KeptMail | null;
	/** Slots that "Send again" would make due. */
	sendAgain: { skuId: string; channelIds: string[] } | null;
};

type LineExtra = {
	sku_version: number | null;
	inbox_id: number | null;
	push_id: string | null;
	data: Record<string, unknown>;
	exact_ms: number;
	happened_ms: number;
};

/** One line with everything that led to it and followed from it: P14's "each change's chain is complete". */
export async function readLogLine(ctx: Context, id: number): Promise<LogChain> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [found] = await readLines<LineExtra>(
			tx,
			sql`select ${pickedColumns}, push_id from sync_log where id = ${id}::bigint`,
			sql`l.id`,
			sql`, l.sku_version::float8 as sku_version, l.inbox_id::float8 as inbox_id, l.push_id, l.data, extract(epoch from l.at)::float8 * 1000 as exact_ms,
				extract(epoch from ${happenedAt})::float8 * 1000 as happened_ms`,
		);
		if (!found) throw new NotFound("line of the log");
		const { line, extra } = found;
		const steps: ChainStep[] = [];
		if (extra.inbox_id !== null)
			steps.push(...(await mailSteps(tx, extra.inbox_id, line, { at: extra.exact_ms, happened: extra.happened_ms })));
		const isChange = line.kind === "stock.changed" && line.sku !== null && extra.sku_version !== null;
		const ways =
			isChange && line.sku
				? await readWays(
						tx,
						line.sku.id,
						extra.sku_version ?? 0,
						locationOf(extra.data),
						line.channel?.id ?? null,
						extra.exact_ms,
					)
				: [];
		for (const way of ways) steps.push(...waySteps(way, line, extra.exact_ms));
		const pushIds = extra.push_id ? [extra.push_id] : ways.flatMap(({ tries }) => tries.map(({ pushId }) => pushId));
		return {
			line,
			data: extra.data,
			skuVersion: extra.sku_version,
			happenedAt: extra.happened_ms,
			steps,
			mail:
				line.kind === "mail.dead" && extra.inbox_id !== null && isAtLeast(ctx.role, "support")
					? await readKeptMail(tx, extra.inbox_id)
					: null,
			pushes: await readPushes(tx, pushIds, line.sku?.id ?? null),
			sendAgain:
				line.sku && (isChange || line.topic === "refusal" || line.topic === "drift" || line.topic === "write")
					? {
							skuId: line.sku.id,
							channelIds: isChange ? ways.map(({ channelId }) => channelId) : line.channel ? [line.channel.id] : [],
						}
					: null,
		};
	});
}

const locationOf = (data: Record<string, unknown>) => (typeof data.locationId === "string" ? data.locationId : null);
