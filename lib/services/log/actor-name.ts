import { type SQL, sql } from "drizzle-orm";

/** What people call an actor: a colleague's name, or an API key's. Null for the machinery, and for who has left. */
export const actorName = (actor: SQL): SQL => sql`(case
	when ${actor} like 'user:%' then (select coalesce(u.name, u.email) from users u where u.id = substr(${actor}, 6)::uuid)
	when ${actor} like 'api:%' then (select k.name from api_keys k where k.id = substr(${actor}, 5)::uuid)
end)`;
