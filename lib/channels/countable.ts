/** More units than this nobody counts, and no column of ours holds: what was typed for "without end". */
const mostUnits = 2_147_483_647;

export const isCountable = (units: number): boolean => Math.abs(units) <= mostUnits;
