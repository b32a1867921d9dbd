/** Who asks: the application's own token, or one of an agreement; and how an agreement is made, renewed and taken back. */
import { and, eq, sql } from "drizzle-orm";
import { sandboxTokens } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { changeAccount, newsOf } from "./news";
import { newId, settingsOf } from "./settings";
import { type Call, type Caller, invalid, missing, reply, SquareFault } from "./wire";

const tokenLifeMs = 30 * 86_400_000;
const codeLifeMs = 5 * 60_000;

const shut = (code: string, detail: string) => new SquareFault(401, "AUTHENTICATION_ERROR", code, detail);

export async function authenticate(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<Caller> {
	const [, token = ""] = /^Bearer (\S+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
	const { scopes, isRevoked } = settingsOf(store);
	const isApp = token !== "" && token === store.secrets.personalToken;
	const unknown = () => shut("UNAUTHORIZED", "This request could not be authorized.");
	if (isApp) {
		if (isRevoked) throw unknown();
		return { isApp, scopes, expiresAt: null };
	}
	const [grant] = await ctx.db
		.select()
		.from(sandboxTokens)
		.where(and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, token), eq(sandboxTokens.kind, "access")));
	if (!grant) throw unknown();
	if (isRevoked) throw shut("ACCESS_TOKEN_REVOKED", "The access token has been revoked.");
	if (grant.expiresAt && grant.expiresAt <= ctx.now())
		throw shut("ACCESS_TOKEN_EXPIRED", "The access token has expired.");
	const granted = (grant.data.scopes as string[] | undefined) ?? [];
	return { isApp: false, scopes: granted.filter((scope) => scopes.includes(scope)), expiresAt: grant.expiresAt };
}

/** The owner's page, without the page: `answer=deny` refuses, all else agrees. */
export async function authorize(ctx: SandboxContext, store: SandboxStore, query: URLSearchParams): Promise<Response> {
	const redirectUri = query.get("redirect_uri") ?? "";
	if (query.get("client_id") !== store.secrets.clientId || !URL.canParse(redirectUri))
		return reply(ctx, { errors: [{ category: "INVALID_REQUEST_ERROR", code: "BAD_REQUEST" }] }, 400);
	const back = new URL(redirectUri);
	back.searchParams.set("state", query.get("state") ?? "");
	if (query.get("answer") === "deny") {
		back.searchParams.set("error", "access_denied");
		back.searchParams.set("error_description", "user_denied");
	} else {
		const code = `sq0cgp-${newId(ctx.random, 22)}`;
		const scopes = (query.get("scope") ?? "").split(" ").filter(Boolean);
		await ctx.db.insert(sandboxTokens).values({
			storeId: store.id,
			token: code,
			kind: "code",
			data: { scopes, redirectUri },
			expiresAt: new Date(ctx.now().getTime() + codeLifeMs),
		});
		back.searchParams.set("code", code);
		back.searchParams.set("response_type", "code");
	}
	return new Response(null, { status: 302, headers: { location: back.toString() } });
}

type Asking = Omit<Call, "caller">;

export async function postToken(call: Asking): Promise<unknown> {
	const { store, body } = call;
	if (!body.client_id) throw missing("client_id");
	if (body.client_id !== store.secrets.clientId || body.client_secret !== store.secrets.clientSecret)
		throw shut("UNAUTHORIZED", "Not authorized to take this action: the client credentials are wrong.");
	switch (body.grant_type) {
		case "authorization_code":
			return grant(call, await takeCode(call));
		case "refresh_token":
			return grant(call, await renewable(call));
		default:
			throw invalid("INVALID_VALUE", "`grant_type` is not supported.", "grant_type");
	}
}

/** Once, within five minutes. */
async function takeCode({ ctx, store, body }: Asking): Promise<{ scopes: string[]; refreshToken: string }> {
	const [code] = await ctx.db
		.delete(sandboxTokens)
		.where(
			and(
				eq(sandboxTokens.storeId, store.id),
				eq(sandboxTokens.token, String(body.code ?? "")),
				eq(sandboxTokens.kind, "code"),
			),
		)
		.returning();
	if (!code || (code.expiresAt && code.expiresAt <= ctx.now()))
		throw shut("UNAUTHORIZED", "Authorization code not found or expired.");
	if (body.redirect_uri !== code.data.redirectUri)
		throw invalid("INVALID_VALUE", "The redirect URL is not the one that was authorized.", "redirect_uri");
	const refreshToken = `EQAA${newId(ctx.random, 60)}`;
	const data = { scopes: code.data.scopes };
	await ctx.db.insert(sandboxTokens).values({ storeId: store.id, token: refreshToken, kind: "refresh", data });
	return { scopes: code.data.scopes as string[], refreshToken };
}

/** The account has agreed from the beginning under the refresh token that its keys show. */
async function renewable({ ctx, store, body }: Asking): Promise<{ scopes: string[]; refreshToken: string }> {
	const refreshToken = String(body.refresh_token ?? "");
	const { isRevoked, scopes } = settingsOf(store);
	if (isRevoked) throw shut("ACCESS_TOKEN_REVOKED", "The authorization has been revoked.");
	if (refreshToken !== "" && refreshToken === store.secrets.refreshToken) return { scopes, refreshToken };
	const [kept] = await ctx.db
		.select()
		.from(sandboxTokens)
		.where(
			and(
				eq(sandboxTokens.storeId, store.id),
				eq(sandboxTokens.token, refreshToken),
				eq(sandboxTokens.kind, "refresh"),
			),
		);
	if (!kept) throw shut("UNAUTHORIZED", "The refresh token is not valid.");
	return { scopes: kept.data.scopes as string[], refreshToken };
}

async function grant({ ctx, store }: Asking, { scopes, refreshToken }: { scopes: string[]; refreshToken: string }) {
	const token = `EAAA${newId(ctx.random, 60)}`;
	const expiresAt = new Date(ctx.now().getTime() + tokenLifeMs);
	await ctx.db
		.insert(sandboxTokens)
		.values({ storeId: store.id, token, kind: "access", data: { scopes, refreshToken }, expiresAt });
	return {
		access_token: token,
		token_type: "bearer",
		expires_at: `${expiresAt.toISOString().slice(0, 19)}Z`,
		merchant_id: store.secrets.merchantId,
		refresh_token: refreshToken,
		short_lived: false,
	};
}

export async function tokenStatus({ store, caller }: Call): Promise<unknown> {
	return {
		scopes: caller.isApp ? [...caller.scopes, "DEVELOPER_APPLICATION_WEBHOOKS_WRITE"] : caller.scopes,
		...(caller.expiresAt && { expires_at: caller.expiresAt.toISOString() }),
		client_id: store.secrets.clientId,
		merchant_id: store.secrets.merchantId,
	};
}

/** The owner ends it in the dashboard; subscriptions are told. */
export async function revoke(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	await changeAccount(ctx, store, async (tx, tell) => {
		await tx.execute(
			sql`update sandbox.stores set settings = settings || '{"isRevoked": true}'::jsonb where id = ${store.id}`,
		);
		tell(
			await newsOf(tx, ctx, store, [
				{
					type: "oauth.authorization.revoked",
					data: {
						type: "revocation",
						id: newId(ctx.random),
						object: { revocation: { revoked_at: ctx.now().toISOString(), revoker_type: "MERCHANT" } },
					},
				},
			]),
		);
	});
}
