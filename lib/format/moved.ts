import { wordList } from "./list";
import { formatNumber } from "./number";

/** What moves at a location. `units`: signed; `sku`: of which, where it is another than the one that is spoken of. */
export type MovedAt = { location: string; units: number; sku?: string };

/** "2 fewer at Shop and 1 fewer at Yard"; of nothing an empty text. */
export const movedWords = (moved: readonly MovedAt[]): string =>
	wordList(
		moved.map(
			({ location, units, sku }) =>
				`${formatNumber(Math.abs(units))} ${units > 0 ? "more" : "fewer"}${sku ? ` of ${sku}` : ""} at ${location}`,
		),
	);
