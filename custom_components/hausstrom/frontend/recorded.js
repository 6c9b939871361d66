/** What Home Assistant's recorder holds: counters, means, what was shown. Moments in ms; kWh, m³, W. */

import { ask } from "./element.js";
import { factorOf, numberIn, valueOf } from "./moment.js";
import { DAY, HOUR } from "./numbers.js";
import { countedToday, fromMeans, rises } from "./today.js";

const iso = (moment) => new Date(moment).toISOString();

/** Return id → rows of statistics of a period ("5minute", "hour", "day") since a moment. */
export const statistics = async (hass, ids, period, start, types) =>
	(ids.length && (await ask(hass, {
		type: "recorder/statistics_during_period", statistic_ids: ids, period, start_time: iso(start), types, units: { energy: "kWh", power: "W", volume: "m³" },
	}))) || {};

/** Return entity → {time, value} of what it showed since a moment; value null: nothing. */
export async function history(hass, ids, start) {
	const found = (ids.length && (await ask(hass, {
		type: "history/history_during_period", entity_ids: ids, start_time: iso(start), minimal_response: true, no_attributes: true, significant_changes_only: false,
	}))) || {};
	return Object.fromEntries(Object.entries(found).map(([id, states]) => {
		const factor = factorOf(hass.states[id]?.attributes.unit_of_measurement);
		return [id, states.map(({ s, lu, lc = lu }) => ({ time: 1000 * lc, value: numberIn(s) === null ? null : Number(s) * factor }))];
	}));
}

/**
 * Return entity → {base, last, hours}: what counters counted since a full hour until they showed `last`, and the rows of
 * that time; from "hour" or "day" rows, or in a home of the first minutes from what was shown.
 */
export async function counted(hass, ids, start, period = "hour") {
	const rows = await statistics(hass, ids, period, start - (period === "hour" ? HOUR : DAY), ["change", "state"]);
	const states = await history(hass, ids.filter((id) => !rows[id]?.length), Math.max(start, Date.now() - 26 * HOUR));
	return Object.fromEntries(ids.map((id) => {
		const hours = rows[id] || [];
		const readings = (states[id] || []).map(({ value }) => value).filter((value) => value !== null);
		return [id, {
			base: hours.length ? countedToday(hours, start, null) : rises(readings), last: (hours.length ? hours.at(-1).state : readings.at(-1)) ?? null,
			hours: hours.filter((row) => row.start >= start),
		}];
	}));
}

/** Return what a part has counted until now; null: not known. */
export function countedNow(hass, { entity, daily }, known) {
	const now = valueOf(hass.states, entity);
	const found = known[entity];
	if (daily || (now === null && !found?.base)) return now;
	return found ? found.base + rises([found.last, now]) : 0;
}

/** Return the energies of powers that nothing counts: {above, below} zero, from 5-minute means. */
export async function meansOf(hass, parts, start) {
	const rows = await statistics(hass, parts.map(({ entity }) => entity), "5minute", start, ["mean"]);
	const means = parts.flatMap(({ entity, invert }) => (rows[entity] || []).map(({ mean }) => (invert ? -mean : mean)));
	return { above: fromMeans(means.map((mean) => Math.max(0, mean))), below: fromMeans(means.map((mean) => Math.max(0, -mean))) };
}

/** Return the sum over parts as {time, value}, in order of time; only where every part has a value. */
export function series(rows, parts) {
	const sums = new Map();
	for (const { entity, invert } of parts) {
		for (const { start, mean } of rows[entity] || []) {
			if (mean !== null) sums.set(start, [...(sums.get(start) || []), invert ? -mean : mean]);
		}
	}
	return [...sums].filter(([, values]) => values.length === parts.length)
		.map(([time, values]) => ({ time, value: values.reduce((sum, value) => sum + value, 0) })).sort((one, other) => one.time - other.time);
}
