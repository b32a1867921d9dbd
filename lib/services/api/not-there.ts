/** What an address of the API names and is not there, in sentences that say which and where to look. */
import { NotFound } from "../errors";

export const unknownSku = (code: string) =>
	new NotFound(
		"SKU",
		`There is no SKU ${code}, or it is archived. GET /skus lists the codes; capitals and spaces count.`,
	);

export const unknownLocation = (id: string) =>
	new NotFound("location", `There is no location ${id}. GET /locations lists the ids.`);
