import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { raceRules } from "@/lib/stock/competing-edits";
import { losingRules } from "@/lib/stock/losing-order";
import { strategies } from "@/lib/stock/strategy";
import { createdAt, id, merchantId, moment, offerPolicy, serial } from "./columns";

/** A person who signs in. Owned by the sign-in library's adapter; no secret lives here. */
export const users = pgTable(
	"users",
	{
		id: id(),
		name: text("name"),
		email: text("email").notNull(),
		emailVerified: moment("email_verified"),
		image: text("image"),
		createdAt: createdAt(),
	},
	(t) => [uniqueIndex("users_email").on(sql`lower(${t.email})`)],
);

/** Password hashes (argon2id, PHC string), apart from users so that no session can carry one. */
export const userCredentials = pgTable("user_credentials", {
	userId: uuid("user_id")
		.primaryKey()
		.references(() => users.id, { onDelete: "cascade" }),
	passwordHash: text("password_hash").notNull(),
	changedAt: moment("changed_at").notNull().defaultNow(),
});

export const accounts = pgTable(
	"accounts",
	{
		userId: uuid("user_id")
			.notNull()
			.references(() => users.id, { onDelete: "cascade" }),
		type: text("type").notNull(),
		provider: text("provider").notNull(),
		providerAccountId: text("provider_account_id").notNull(),
		refresh_token: text("refresh_token"),
		access_token: text("access_token"),
		expires_at: integer("expires_at"),
		token_type: text("token_type"),
		scope: text("scope"),
		id_token: text("id_token"),
		session_state: text("session_state"),
	},
	(t) => [primaryKey({ columns: [t.provider, t.providerAccountId] })],
);

/** Sessions live in the database so that one can be revoked at once. */
export const sessions = pgTable("sessions", {
	sessionToken: text("session_token").primaryKey(),
	userId: uuid("user_id")
		.notNull()
		.references(() => users.id, { onDelete: "cascade" }),
	expires: moment("expires").notNull(),
});

export const verificationTokens = pgTable(
	"verification_tokens",
	{ identifier: text("identifier").notNull(), token: text("token").notNull(), expires: moment("expires").notNull() },
	(t) => [primaryKey({ columns: [t.identifier, t.token] })],
);

/** One-time sign-in links; only the SHA-256 of the token is kept. */
export const signInLinks = pgTable("sign_in_links", {
	tokenHash: text("token_hash").primaryKey(),
	userId: uuid("user_id")
		.notNull()
		.references(() => users.id, { onDelete: "cascade" }),
	expiresAt: moment("expires_at").notNull(),
	usedAt: moment("used_at"),
});

/** Attempts per key (route + address + e-mail) in a fixed window, for sign-in and webhook floods. */
export const rateLimits = pgTable("rate_limits", {
	key: text("key").primaryKey(),
	windowStartedAt: moment("window_started_at").notNull(),
	attempts: integer("attempts").notNull(),
});

/** The tenant: an organisation with members. */
export const merchants = pgTable("merchants", {
	id: id(),
	name: text("name").notNull(),
	slug: text("slug").notNull().unique(),
	timeZone: text("time_zone").notNull().default("UTC"),
	/** What every channel is offered unless a channel, SKU or listing says otherwise. */
	...offerPolicy(),
	bufferUnits: integer("buffer_units").notNull().default(0),
	/** How listings share a SKU's stock, unless the SKU or a channel says otherwise. */
	strategy: text("strategy", { enum: strategies }).notNull().default("adaptive"),
	/** Which order loses when more was sold than there is. */
	losingRule: text("losing_rule", { enum: losingRules }).notNull().default("last_in_ledger"),
	/** `lowest_channel` only: the channel whose orders lose first. */
	losingChannelId: uuid("losing_channel_id"),
	/** What holds when two places changed one number, neither having seen the other (R8). */
	raceRule: text("race_rule", { enum: raceRules }).notNull().default("source_of_truth"),
	/** Non-null: no write leaves for any channel (the global pause of R12). */
	pushesPausedAt: moment("pushes_paused_at"),
	createdAt: createdAt(),
});

export const roles = ["owner", "manager", "support", "viewer"] as const;
export type Role = (typeof roles)[number];

export const memberships = pgTable(
	"memberships",
	{
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		userId: uuid("user_id")
			.notNull()
			.references(() => users.id, { onDelete: "cascade" }),
		role: text("role", { enum: roles }).notNull(),
		createdAt: createdAt(),
	},
	(t) => [primaryKey({ columns: [t.merchantId, t.userId] }), index("memberships_user").on(t.userId)],
);

/** Single-use invitations; only the SHA-256 of the token is kept. */
export const invites = pgTable("invites", {
	id: id(),
	merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
	email: text("email").notNull(),
	role: text("role", { enum: roles }).notNull(),
	tokenHash: text("token_hash").notNull().unique(),
	invitedBy: uuid("invited_by").notNull(),
	expiresAt: moment("expires_at").notNull(),
	acceptedAt: moment("accepted_at"),
	revokedAt: moment("revoked_at"),
	createdAt: createdAt(),
});

/** Who did what: append-only, prunable by time. */
export const auditLog = pgTable(
	"audit_log",
	{
		id: serial(),
		merchantId: merchantId(),
		at: moment("at").notNull().defaultNow(),
		/** `user:<id>`, `system`, `api:<key id>` */
		actor: text("actor").notNull(),
		action: text("action").notNull(),
		subject: text("subject"),
		data: jsonb("data").notNull().default({}),
	},
	(t) => [index("audit_log_merchant").on(t.merchantId, t.id)],
);
