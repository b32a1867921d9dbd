/**
 * The sign-in library's configuration: two ways in (password, one-time link), sessions in the database so that one can
 * be ended at once. Everything of the library stays in this folder.
 */
import { randomUUID } from "node:crypto";
import { CredentialsSignin } from "@auth/core/errors";
import Credentials from "@auth/core/providers/credentials";
import { DrizzleAdapter } from "@auth/drizzle-adapter";
import { eq } from "drizzle-orm";
import type { NextAuthConfig } from "next-auth";
import { type Database, dbFor } from "@/db/client";
import { accounts, sessions, users, verificationTokens } from "@/db/schema/identity";
import { env } from "@/lib/env";
import { addressOf } from "./address";
import { checkPassword } from "./check-password";
import { takeSignInLink } from "./sign-in-links";

const sessionSeconds = 30 * 24 * 60 * 60;

/** Why a sign-in was refused, as it crosses the library: `code` is all that survives. */
export type RefusalCode = "wrong" | "link_spent" | `too_often:${number}`;

class Refused extends CredentialsSignin {
	constructor(readonly refusal: RefusalCode) {
		super();
		this.code = refusal;
	}
}

export function authConfig(db: Database = dbFor("auth"), secret: string = env().authSecret): NextAuthConfig {
	const adapter = DrizzleAdapter(db, {
		usersTable: users,
		accountsTable: accounts,
		sessionsTable: sessions,
		verificationTokensTable: verificationTokens,
	});
	const userOf = async (userId: string) => {
		const [user] = await db.select({ id: users.id, email: users.email }).from(users).where(eq(users.id, userId));
		return user ?? null;
	};

	return {
		adapter,
		secret,
		trustHost: true,
		// The strategy stays unsaid: with "database" written out, credentials alone are refused by an assertion; left to
		// the adapter's presence it is the same and passes.
		session: { maxAge: sessionSeconds },
		pages: { signIn: "/sign-in", error: "/sign-in" },
		providers: [
			Credentials({
				id: "password",
				credentials: { email: {}, password: {} },
				async authorize({ email, password }, request) {
					const check = await checkPassword(db, { email, password, address: addressOf(request.headers) });
					if (check.ok) return userOf(check.userId);
					throw new Refused(check.reason === "wrong" ? "wrong" : `too_often:${check.retryAfterMs}`);
				},
			}),
			Credentials({
				id: "link",
				credentials: { token: {} },
				async authorize({ token }) {
					const userId = typeof token === "string" ? await takeSignInLink(db, token) : null;
					if (!userId) throw new Refused("link_spent");
					return userOf(userId);
				},
			}),
		],
		jwt: {
			// A credentials sign-in ends in a call to this: the cookie becomes a session's row, not a signed token.
			async encode({ token }) {
				if (!token?.sub) throw new Error("A session needs somebody.");
				const sessionToken = randomUUID();
				const expires = new Date(Date.now() + sessionSeconds * 1000);
				await db.insert(sessions).values({ sessionToken, userId: token.sub, expires });
				return sessionToken;
			},
		},
		callbacks: {
			// Only these leave the database; the library would hand on the whole row.
			session: ({ session }) => ({
				expires: session.expires,
				user: { id: session.user.id, name: session.user.name, email: session.user.email },
			}),
		},
		logger: {
			// A refused password is no error of ours.
			error: (error) => {
				if (!(error instanceof CredentialsSignin)) console.error(error);
			},
		},
	};
}
