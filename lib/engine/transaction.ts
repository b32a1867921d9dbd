/** A transaction that is begun again when Postgres chose it as the victim of a deadlock. */
import type postgres from "postgres";

const isRetriable = (error: unknown) => ["40P01", "40001"].includes((error as { code?: string } | null)?.code ?? "");

export async function inTransaction<T>(
	sql: postgres.Sql,
	work: (tx: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return (await sql.begin(work)) as T;
		} catch (error) {
			if (!isRetriable(error) || tries === 5) throw error;
		}
	}
}
