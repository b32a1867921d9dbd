/** Client secrets that end: who is due, and asking the platform for the one that follows. */
import type postgres from "postgres";
import { clientFor } from "@/db/client";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { AppSecret } from "@/lib/channels/channel-adapter";
import { ChannelError } from "@/lib/channels/errors";
import { adapterFor, connectablePlatforms } from "@/lib/channels/registry";
import { notifyLog } from "@/lib/live/notify";
import { type OpenConnection, openConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { appendLog } from "../log/append-log";
import { findTarget } from "../sync/find-work";
import { lockHolders, type SecretHolder } from "./secret-holders";

/** A month, so that a fortnight of refusals passes before a person is told. */
const aheadMs = 30 * 24 * 60 * 60_000;
/** After a refusal; a little less than a day, for a function that runs daily. */
const againAfterMs = 20 * 60 * 60_000;

/** Channels whose client secret ends within a month, and those of which nobody has noted yet when it does. */
export async function findEndingSecrets(): Promise<string[]> {
	const adapters = await Promise.all(
		connectablePlatforms.map(async (name) => ({ name, adapter: await adapterFor(name) })),
	);
	const platforms = adapters.flatMap(({ name, adapter }) => (adapter.appSecret ? [name] : []));
	const rows = await clientFor("writer")<{ id: string }[]>`
		select c.id from channels c join credentials a on a.channel_id = c.id and a.purpose = 'access'
		where c.platform = any(${platforms}::text[]) and c.state in ('importing', 'read_only', 'live')
			and (a.secret_ends_at is null or a.secret_ends_at < now() + ${aheadMs}::float8 * interval '1 ms')
		order by c.id`;
	return rows.map(({ id }) => id);
}

/** `waiting`: it was asked for, or refused not long ago. `refused`: the channel says why, and what to do. */
export type Renewal = "none" | "not_due" | "waiting" | "asked" | "refused";

type Options = { client?: postgres.Sql; now?: () => Date };

/** Asks for a new secret of the app that the channel logs in as, once for all channels of its merchant that share it. */
export async function renewSecret(channelId: string, options: Options = {}): Promise<Renewal> {
	const { client = clientFor("app"), now = () => new Date() } = options;
	const target = await findTarget(channelId);
	const appSecret = target && (await adapterFor(target.platform)).appSecret;
	if (!target || !appSecret) return "none";
	let open: OpenConnection;
	try {
		open = await openConnection(client, target);
	} catch (error) {
		if (error instanceof ChannelError) return "none";
		throw error;
	}
	const clientId = appSecret.clientIdOf(open.connection().access);
	if (!clientId) return "none";
	const claimed = await claim(client, target, { appSecret, clientId, at: now() });
	if (typeof claimed === "string") return claimed;
	const outcome = await ask(client, target, claimed);
	await asMerchantPrepared(client, target.merchantId, async (run) => {
		await record(run, target, appSecret, claimed, outcome);
	});
	notifyLog(target.merchantId);
	return outcome ? "refused" : "asked";
}

type Claim = { holders: SecretHolder[]; through: SecretHolder | null; askedAt: Date };

const unanswered = { sentence: "A new client secret was asked for, and no answer came.", fix: null };

/** Marks it as asked before it is: two at once ask once, and what a crash leaves is asked again the next day. */
function claim(
	client: postgres.Sql,
	{ merchantId, platform }: WorkTarget,
	{ appSecret, clientId, at }: { appSecret: AppSecret; clientId: string; at: Date },
): Promise<Claim | Extract<Renewal, "not_due" | "waiting">> {
	return asMerchantPrepared(client, merchantId, async (run) => {
		const holders = await lockHolders(run, { platform, appSecret, clientId });
		for (const { channelId } of holders.filter(({ endsAt }) => endsAt === null))
			await run`
				update credentials set secret_ends_at = ${new Date(at.getTime() + appSecret.lifeMs).toISOString()}::timestamptz
				where channel_id = ${channelId}::uuid and purpose = 'access'`;
		if (!holders.some(({ endsAt }) => endsAt !== null && endsAt < at.getTime() + aheadMs)) return "not_due";
		const isWaiting = ({ askedAt, hasTrouble }: SecretHolder) =>
			askedAt !== null && (!hasTrouble || askedAt > at.getTime() - againAfterMs);
		if (holders.some(isWaiting)) return "waiting";
		for (const { channelId } of holders)
			await run`
				update credentials set secret_asked_at = ${at.toISOString()}::timestamptz, secret_trouble = ${JSON.stringify(unanswered)}::text::jsonb
				where channel_id = ${channelId}::uuid and purpose = 'access'`;
		return { holders, through: holders.find(({ access }) => appSecret.canHear(access)) ?? null, askedAt: at };
	});
}

/** Null: it is on its way. */
async function ask(client: postgres.Sql, target: WorkTarget, { through }: Claim): Promise<Trouble | null> {
	const { appSecret } = await adapterFor(target.platform);
	if (!appSecret) throw new Error(`${target.platform} has no client secrets that end`);
	if (!through) return { sentence: "Without a queue a new client secret can't reach Onecount.", fix: appSecret.byHand };
	try {
		const open = await openConnection(client, { ...target, channelId: through.channelId });
		await appSecret.renew(open.connection());
		return null;
	} catch (error) {
		if (error instanceof ChannelError) return { sentence: error.message, fix: error.fix };
		throw error;
	}
}

type Trouble = { sentence: string; fix: string | null };

/** Once another is made the present one ends soon, whether the other arrives or not. It may have arrived by now. */
async function record(
	run: Statement,
	{ merchantId }: WorkTarget,
	{ previousMs }: AppSecret,
	{ holders, askedAt }: Claim,
	trouble: Trouble | null,
): Promise<void> {
	const at = askedAt.toISOString();
	for (const { channelId } of holders) {
		const noted = await run`
			update credentials set secret_trouble = ${trouble && JSON.stringify(trouble)}::text::jsonb,
				secret_ends_at = case when ${trouble === null} then least(secret_ends_at, ${at}::timestamptz + ${previousMs}::float8 * interval '1 ms') else secret_ends_at end
			where channel_id = ${channelId}::uuid and purpose = 'access' and secret_asked_at = ${at}::timestamptz returning 1`;
		if (trouble && noted.length > 0)
			await appendLog(run, merchantId, [{ kind: "channel.secret", state: "hold", channelId, data: trouble }]);
	}
}
