/** The list's state is its address; read on both sides. */
import { createLoader, createSerializer, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { inventoryShows } from "@/lib/format/inventory";

export const inventoryParams = {
	q: parseAsString.withDefault(""),
	show: parseAsStringLiteral(inventoryShows).withDefault("all"),
	/** Opens how SKUs come in: from a store, or by a file. */
	start: parseAsStringLiteral(["store", "csv"]),
};

export const loadInventoryParams = createLoader(inventoryParams);
const serialize = createSerializer(inventoryParams);

export const inventoryHref = (params: Parameters<typeof serialize>[1]): string => serialize("/inventory", params);
