/**
 * The app's client secret, which ends: the new one that is asked for comes by the queue, and the one before it goes on
 * working for a week. Two are the most that an app has.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { forgetStore } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { changeAccount, enqueue } from "./news";
import { settingsOf } from "./settings";
import { type Answer, type Call, invalidInput } from "./wire";

const dayMs = 86_400_000;
export const lifeMs = 180 * dayMs;
const previousMs = 7 * dayMs;
/** So long before its end it is told of, once. */
const noticeMs = 90 * dayMs;

export const newSecret = () => `amzn1.oa2-cs.v1.${randomBytes(32).toString("hex")}`;

export type SecretKind = "current" | "previous";

/** Null: it is none of the app's. */
export function kindOfSecret({ secrets }: SandboxStore, given: string | null): SecretKind | null {
	if (!given) return null;
	if (given === secrets.clientSecret) return "current";
	return given === secrets.previousSecret ? "previous" : null;
}

/** When it ends, or ended. */
function endOf(store: SandboxStore, kind: SecretKind): Date {
	const { secretExpiresAt, previousSecretExpiresAt } = settingsOf(store);
	if (kind === "previous") return new Date(previousSecretExpiresAt ?? 0);
	return secretExpiresAt ? new Date(secretExpiresAt) : new Date(store.createdAt.getTime() + lifeMs);
}

export const hasEnded = (ctx: SandboxContext, store: SandboxStore, kind: SecretKind): boolean =>
	endOf(store, kind).getTime() <= ctx.now().getTime();

/** `rotateApplicationClientSecret`. */
export async function rotateSecret({ ctx, store, settings }: Call): Promise<Answer> {
	if (!settings.isEnrolledForSecrets)
		throw invalidInput(
			"Application is not enrolled for rotation notification. Please update application notification preference in Developer console.",
		);
	const now = ctx.now().getTime();
	const fresh = newSecret();
	const ends = new Date(now + lifeMs).toISOString();
	const previousEnds = new Date(Math.min(now + previousMs, endOf(store, "current").getTime())).toISOString();
	const changed = JSON.stringify({
		secretIs: "usual",
		secretExpiresAt: ends,
		secretToldFor: null,
		previousSecretExpiresAt: previousEnds,
	});
	await changeAccount(ctx, store, async (tx) => {
		await tx.execute(sql`
			update sandbox.stores set settings = settings || ${changed}::jsonb,
				secrets = secrets || jsonb_build_object('clientSecret', ${fresh}::text, 'previousSecret', secrets->>'clientSecret')
			where id = ${store.id}`);
		const body = notice(ctx, store, "APPLICATION_OAUTH_CLIENT_NEW_SECRET", "applicationOAuthClientNewSecret", {
			newClientSecret: fresh,
			newClientSecretExpiryTime: ends,
			oldClientSecretExpiryTime: previousEnds,
		});
		await enqueue(tx, ctx, store, body, "APPLICATION_OAUTH_CLIENT_NEW_SECRET");
	});
	forgetStore(ctx.db, store.id);
	return { status: 204, body: null };
}

export function isNoticeDue(ctx: SandboxContext, store: SandboxStore): boolean {
	const { isEnrolledForSecrets, secretToldFor } = settingsOf(store);
	const end = endOf(store, "current");
	return isEnrolledForSecrets && secretToldFor !== end.toISOString() && end.getTime() - ctx.now().getTime() <= noticeMs;
}

/** Says in the queue when the secret ends; of two that come to it at once, one does. */
export async function tellOfEnd(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	const end = endOf(store, "current").toISOString();
	await changeAccount(ctx, store, async (tx) => {
		const told = await tx.execute(sql`
			update sandbox.stores set settings = settings || jsonb_build_object('secretToldFor', ${end}::text)
			where id = ${store.id} and settings->>'secretToldFor' is distinct from ${end} returning 1`);
		if (told.length === 0) return;
		const body = notice(ctx, store, "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY", "applicationOAuthClientSecretExpiry", {
			clientSecretExpiryTime: end,
			clientSecretExpiryReason: "PERIODIC_ROTATION",
		});
		await enqueue(tx, ctx, store, body, "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY");
	});
	forgetStore(ctx.db, store.id);
}

function notice(
	ctx: SandboxContext,
	{ secrets }: SandboxStore,
	notificationType: string,
	name: string,
	said: Record<string, string>,
): string {
	const at = ctx.now().toISOString();
	return JSON.stringify({
		notificationVersion: "1.0",
		notificationType,
		payloadVersion: "2023-11-30",
		eventTime: at,
		payload: { [name]: { clientId: secrets.clientId, ...said } },
		notificationMetadata: {
			applicationId: secrets.applicationId,
			subscriptionId: randomUUID(),
			publishTime: at,
			notificationId: randomUUID(),
		},
	});
}
