/** Today's energies, shares and money. kWh; P(roduced) I(mported) E(xported) C(harged) D(ischarged), H(ouse). */

/** Below this many kWh a share of the day says less than that of the moment. */
const ENOUGH = 0.01;

/**
 * Return how much a counter rose over its readings (null: none). A fall by a tenth is a new beginning at 0; a smaller one
 * is none, as in Home Assistant's own statistics: else a device that goes back a little counts its whole life again.
 */
export function rises(readings) {
	const known = readings.filter((reading) => reading !== null && reading !== undefined);
	return known.slice(1).reduce((sum, reading, number) => sum + (reading < 0.9 * known[number] ? reading : reading - known[number]), 0);
}

/** Return what was counted since midnight: whole hours {start, change, state}, then what came until `now` is shown. */
export const countedToday = (hours, midnight, now) =>
	hours.filter(({ start }) => start >= midnight).reduce((sum, { change }) => sum + (change || 0), 0) + (now === null ? 0 : rises([hours.at(-1)?.state, now]));

/** Return the energy of 5-minute means of a power in W; gaps (null) count as nothing. */
export const fromMeans = (means) => means.reduce((sum, mean) => sum + (mean || 0) / 12_000, 0);

/** Return the energy that a power (W, {time, value} in order of time) gave above zero between two moments; `sign` -1: below. */
export const flowed = (samples, since, now, sign) =>
	samples.reduce((sum, { time, value }, number) => {
		const span = Math.min(samples[number + 1]?.time ?? now, now) - Math.max(time, since);
		return sum + (Math.max(0, sign * value) * Math.max(0, span)) / 3.6e9;
	}, 0);

/** Return what the house used: measured, else everything that came in; null: not known. */
export const consumedOf = ({ P, I, E, C, D }, measured = null) =>
	measured ?? (P === null && I === null ? null : Math.max(0, (P || 0) + (I || 0) + (D || 0) - (E || 0) - (C || 0)));

const rest = (part, whole) => Math.min(100, Math.max(0, 100 * (1 - part / whole)));

/** Return both shares in %, null where there is none. In the first watt hours of a day they are those of the moment. */
export function sharesOf({ P, I, E }, house, watts = {}) {
	const share = (part, whole, now, all) => {
		if (part === null || whole === null) return null;
		return whole >= ENOUGH ? rest(part, whole) : typeof now === "number" && all ? rest(now, all) : null;
	};
	return { self_sufficiency: share(I, house, watts.I, watts.H), self_consumption: share(E ?? 0, P, watts.E ?? 0, watts.P) };
}

/** Return today's money from rows of {I, E, H, import, export}, the last two prices per kWh; null: no price. */
export function moneyOf(rows) {
	const sum = (of) => rows.reduce((all, row) => all + of(row), 0);
	const has = (price) => rows.some((row) => typeof row[price] === "number");
	const income = has("export") ? sum(({ E, export: price }) => E * (price || 0)) : null;
	if (!has("import")) return { cost: null, income, saved: null };
	return { cost: sum(({ I, import: price }) => I * (price || 0)), income, saved: sum(({ I, H, import: price }) => Math.max(0, (H ?? I) - I) * (price || 0)) + (income || 0) };
}
