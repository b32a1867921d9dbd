/** Numbers as people read them. One locale for the whole product until a merchant can choose. */
const grouped = new Intl.NumberFormat("en-GB");

/** `48,211`, with a true minus. */
export const formatNumber = (value: number): string => grouped.format(value).replace("-", "−");

/** "1 listing", "43 listings". */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
	`${formatNumber(count)} ${count === 1 ? one : many}`;

/** A share as a whole percentage with its space: `95 %`; never rounds up to 100 or down to 0. */
export function formatShare(share: number): string {
	const percent = share > 0 && share < 1 ? Math.min(99, Math.max(1, Math.round(share * 100))) : Math.round(share * 100);
	return `${percent} %`;
}
