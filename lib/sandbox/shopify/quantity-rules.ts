/** What a write of quantities may say: names, reasons, documents, bounds. Texts and field paths are those of recorded answers. */

export type UserError = { code: string; field: string[] | null; message: string };

const reasons = [
	"correction",
	"cycle_count_available",
	"damaged",
	"movement_canceled",
	"movement_created",
	"movement_received",
	"movement_updated",
	"other",
	"promotion",
	"quality_control",
	"received",
	"reservation_created",
	"reservation_deleted",
	"reservation_updated",
	"restock",
	"safety_stock",
	"shrinkage",
];
export const adjustableNames = [
	"available",
	"damaged",
	"incoming",
	"quality_control",
	"reserved",
	"safety_stock",
] as const;
export type AdjustableName = (typeof adjustableNames)[number];
export const largestSet = 1_000_000_000;
export const largestAdjust = 2_000_000_000;

export const isAdjustable = (name: string): name is AdjustableName =>
	(adjustableNames as readonly string[]).includes(name);

export function checkReason(reason: string): UserError[] {
	if (reasons.includes(reason)) return [];
	return [
		{
			code: "INVALID_REASON",
			field: ["input", "reason"],
			message: `The specified reason is invalid. Valid values are: ${reasons.join(", ")}.`,
		},
	];
}

export function checkReference(uri: string): UserError[] {
	if (/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(uri)) return [];
	return [
		{
			code: "INVALID_REFERENCE_DOCUMENT",
			field: ["input", "referenceDocumentUri"],
			message: "The specified reference document is invalid.",
		},
	];
}

export function checkDuplicates(rows: readonly { inventoryItemId: string; locationId: string }[]): UserError[] {
	const counts = new Map<string, number>();
	const pair = (row: { inventoryItemId: string; locationId: string }) => `${row.inventoryItemId} ${row.locationId}`;
	for (const row of rows) counts.set(pair(row), (counts.get(pair(row)) ?? 0) + 1);
	return rows.flatMap((row, index) =>
		(counts.get(pair(row)) ?? 0) > 1
			? [
					{
						code: "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
						field: ["input", "quantities", String(index), "locationId"],
						message: "The combination of inventoryItemId and locationId must be unique.",
					},
				]
			: [],
	);
}

export function checkLedger(name: string, uri: string | null, field: string[]): UserError[] {
	if (name === "available")
		return uri === null
			? []
			: [
					{
						code: "INVALID_AVAILABLE_DOCUMENT",
						field,
						message: "A ledger document URI is not allowed when adjusting available.",
					},
				];
	if (uri === null)
		return isAdjustable(name)
			? [
					{
						code: "INVALID_QUANTITY_DOCUMENT",
						field,
						message: "A ledger document URI is required except when adjusting available.",
					},
				]
			: [];
	if (uri.startsWith("gid://shopify/"))
		return [
			{
				code: "INTERNAL_LEDGER_DOCUMENT",
				field,
				message: "Internal (gid://shopify/) ledger documents are not allowed to be adjusted via API.",
			},
		];
	return [];
}
