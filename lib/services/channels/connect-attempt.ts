/**
 * A visit to a store that shall let us in. The secret that travels is kept as a hash and taken once; what came of it
 * stays for the page that the merchant comes back to.
 */
import { createHash, randomUUID } from "node:crypto";
import { asMerchant } from "@/db/client";
import type { KeptCheck } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import type { AppCredentials } from "@/lib/channels/channel-adapter";
import type { ConnectablePlatform } from "@/lib/channels/registry";
import { seal, unseal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { authorise, type Context } from "../context";
import type { Connected } from "./connect-store";
import type { StoreAddress } from "./read-address";

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex");
const appBoundTo = (attemptId: string) => `connect_attempts:${attemptId}:app`;

/** Time to sign in to the store and to read what it asks. */
export const attemptMinutes = 30;

export type BegunVisit = {
	attemptId: string;
	/** For the browser's cookie: who comes back must bring it. Null: the browser brings nothing back that counts. */
	state: string | null;
	/** Where the merchant agrees; a path for sandbox stores, which the browser reaches as it reaches us. */
	redirectTo: string;
};

export type VisitReturn =
	| { result: "done"; attemptId: string; channelId: string | null }
	| { result: "rejected"; reason: VisitRejection };

export type VisitRejection = "signature" | "state" | "expired" | "shop" | "denied" | "other_person" | "start";

/** The attempt's end, for the browser that brought it. */
export async function settleVisit(ctx: Context, attemptId: string, outcome: Connected): Promise<VisitReturn> {
	await endAttempt(ctx, attemptId, outcome);
	return { result: "done", attemptId, channelId: outcome.result === "connected" ? outcome.channelId : null };
}

export async function beginAttempt(
	ctx: Context,
	input: StoreAddress & { platform: ConnectablePlatform; secret: string; app: AppCredentials | null },
): Promise<string> {
	authorise(ctx, "manager");
	const attemptId = randomUUID();
	const sealedApp = input.app && seal(JSON.stringify(input.app), appBoundTo(attemptId), env().sealingKeys);
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		await statementsOf(tx)`
			insert into connect_attempts (id, merchant_id, platform, base_url, is_sandbox, actor, token_hash, sealed_app, expires_at)
			values (${attemptId}::uuid, ${ctx.merchantId}::uuid, ${input.platform}, ${input.baseUrl}, ${input.isSandbox}, ${ctx.actor}, ${hashOf(input.secret)}, ${sealedApp},
				now() + ${attemptMinutes}::int * interval '1 minute')`;
	});
	return attemptId;
}

export type TakenAttempt = StoreAddress & { id: string; actor: string; app: AppCredentials | null };

/** Uses the attempt up. Null: used, over, or another merchant's. Of two at once the update lets one through. */
export async function takeAttempt(
	ctx: Context,
	platform: ConnectablePlatform,
	secret: string,
): Promise<TakenAttempt | null> {
	const [row] = await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) =>
			statementsOf(tx)<{ id: string; base_url: string; is_sandbox: boolean; actor: string; sealed_app: string | null }>`
			with taken as (
				select id, sealed_app from connect_attempts
				where token_hash = ${hashOf(secret)} and platform = ${platform} and used_at is null and expires_at > now() for update
			)
			update connect_attempts a set used_at = now(), sealed_app = null from taken where a.id = taken.id
			returning a.id, a.base_url, a.is_sandbox, a.actor, taken.sealed_app`,
	);
	if (!row) return null;
	const app = row.sealed_app && unseal(row.sealed_app, appBoundTo(row.id), env().sealingKeys);
	return {
		id: row.id,
		baseUrl: row.base_url,
		isSandbox: row.is_sandbox,
		actor: row.actor,
		app: app ? (JSON.parse(app) as AppCredentials) : null,
	};
}

export async function endAttempt(ctx: Context, attemptId: string, outcome: Connected): Promise<void> {
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		await statementsOf(tx)`
			update connect_attempts set state = ${outcome.result}, checks = ${JSON.stringify(outcome.checks)}::text::jsonb,
				channel_id = ${outcome.result === "connected" ? outcome.channelId : null}::uuid where id = ${attemptId}::uuid`;
	});
}

export type AttemptOutcome = {
	platform: ConnectablePlatform;
	baseUrl: string;
	state: "waiting" | "connected" | "failed";
	checks: KeptCheck[];
	channelId: string | null;
	isOver: boolean;
};

export async function readAttempt(ctx: Context, attemptId: string): Promise<AttemptOutcome | null> {
	authorise(ctx, "manager");
	const [row] = await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) =>
			statementsOf(tx)<{
				platform: ConnectablePlatform;
				base_url: string;
				state: AttemptOutcome["state"];
				checks: KeptCheck[];
				channel_id: string | null;
				is_over: boolean;
			}>`
			select platform, base_url, state, checks, channel_id, expires_at < now() as is_over from connect_attempts where id::text = ${attemptId}`,
	);
	if (!row) return null;
	return {
		platform: row.platform,
		baseUrl: row.base_url,
		state: row.state,
		checks: row.checks,
		channelId: row.channel_id,
		isOver: row.is_over,
	};
}
