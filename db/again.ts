/** Two transactions waited for each other and Postgres ended one of them, or it could not be put in order with another. */
const collisions = new Set(["40P01", "40001"]);

const mostTries = 4;
const longestPauseMs = 50;

/**
 * Runs a transaction, and again from its beginning when it collided with another: nothing of it has happened. So it
 * must be whole by itself, and touch nothing outside of it that a second run would find changed.
 */
export async function againOnCollision<T>(transaction: () => Promise<T>): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return await transaction();
		} catch (error) {
			if (tries === mostTries || !isCollision(error)) throw error;
			// Both would meet again at once.
			await new Promise((resolve) => setTimeout(resolve, Math.random() * longestPauseMs * tries));
		}
	}
}

/** Drizzle wraps what the driver throws. */
function isCollision(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	return collisions.has((error as { code?: string }).code ?? "") || isCollision(error.cause);
}
