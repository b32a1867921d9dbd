/**
 * Who may do what in the database. None of these roles owns anything, and row-level security binds them all
 * (db/guards.sql). The role is set when a connection starts, so that no statement can forget it.
 */
export const dbRoles = {
	/** Everything that a merchant's members and functions do, under that merchant's rows only. */
	app: "onecount_app",
	/** The narrow one across merchants: puts mail into the inbox, counts rejected mail, finds which channels have work. */
	writer: "onecount_writer",
	/** Users, sessions, memberships: before it is known which merchant is acting. */
	auth: "onecount_auth",
	/** The embedded engine's own schema. */
	engine: "onecount_engine",
	/** Sandbox stores: the outside world, which sees nothing of ours. */
	sandbox: "onecount_sandbox",
} as const;

export type DbRole = keyof typeof dbRoles;
