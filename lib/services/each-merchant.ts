/**
 * Work for each of these merchants, one after the other. What fails for one keeps no other from its turn; the first
 * failure is thrown once all have had theirs.
 */
export async function eachMerchant<Row extends { merchant_id: string }>(
	rows: readonly Row[],
	work: (row: Row) => Promise<void>,
): Promise<void> {
	const failures: unknown[] = [];
	for (const row of rows) await work(row).catch((error) => failures.push(error));
	if (failures.length > 0) throw failures[0];
}
