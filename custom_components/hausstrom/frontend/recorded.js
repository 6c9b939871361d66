/** What Home Assistant's recorder holds of today: counters, means, prices. */

import { ask } from "./element.js";
import { factorOf, valueOf } from "./moment.js";
import { countedToday, fromMeans, rises } from "./today.js";

/** @typedef {import("./home.js").Part} Part */
/**
 * @typedef {{base: number, last: number | null, hours: import("./today.js").Hour[]}} Counted
 *   base: kWh (m³) until `last`, what the counter showed then; hours: the rows of today
 */

const HOUR = 3_600_000;

/** @param {number} moment */
const iso = (moment) => new Date(moment).toISOString();

/**
 * Ask for rows of statistics: id → rows, times in ms, kWh and m³ and W.
 * @param {Hass} hass
 * @param {string[]} ids
 * @param {"5minute" | "hour" | "day" | "month"} period
 * @param {number} start in ms
 * @param {string[]} types
 * @returns {Promise<Record<string, any[]>>}
 */
export const statistics = async (hass, ids, period, start, types) =>
  (ids.length && (await ask(hass, {
    type: "recorder/statistics_during_period", statistic_ids: ids, period, start_time: iso(start), types,
    units: { energy: "kWh", power: "W", volume: "m³" },
  }))) || {};

/**
 * Ask for the states since a moment: entity → numbers in our unit with their times in ms.
 * @param {Hass} hass
 * @param {string[]} ids
 * @param {number} start in ms
 * @returns {Promise<Record<string, {time: number, value: number | null}[]>>}
 */
export async function history(hass, ids, start) {
  const found = (ids.length && (await ask(hass, {
    type: "history/history_during_period", entity_ids: ids, start_time: iso(start), minimal_response: true, no_attributes: true,
    significant_changes_only: false,
  }))) || {};
  return Object.fromEntries(Object.entries(found).map(([id, states]) => {
    const factor = factorOf(hass.states[id]?.attributes.unit_of_measurement);
    return [id, states.map((/** @type {{s: string, lu: number, lc?: number}} */ { s, lu, lc }) => ({
      time: 1000 * (lc ?? lu), value: s === "" || Number.isNaN(Number(s)) ? null : Number(s) * factor,
    }))];
  }));
}

/**
 * Return what counters have counted since a moment, from hours or, for a home of the first minutes, from states.
 * @param {Hass} hass
 * @param {string[]} ids
 * @param {number} start in ms, a full hour
 * @param {"hour" | "day"} [period] of the rows; days for months and years
 * @returns {Promise<Record<string, Counted>>}
 */
export async function counted(hass, ids, start, period = "hour") {
  const rows = await statistics(hass, ids, period, start - (period === "hour" ? HOUR : 24 * HOUR), ["change", "state"]);
  const fresh = ids.filter((id) => !rows[id]?.length);
  const states = await history(hass, fresh, Math.max(start, Date.now() - 26 * HOUR));
  return Object.fromEntries(ids.flatMap((id) => {
    const hours = rows[id] || [];
    if (hours.length) return [[id, { base: countedToday(hours, start, null), last: hours.at(-1).state ?? null, hours: hours.filter((row) => row.start >= start) }]];
    const readings = (states[id] || []).map(({ value }) => value);
    const last = readings.filter((value) => value !== null).at(-1);
    return last === undefined ? [] : [[id, { base: rises(readings), last, hours: [] }]];
  }));
}

/**
 * Return what a counter has counted until now; null: not known.
 * @param {Hass} hass
 * @param {Part} part
 * @param {Record<string, Counted>} known
 */
export function countedNow(hass, part, known) {
  const now = valueOf(hass.states, part.entity);
  if (part.daily) return now;
  const found = known[part.entity];
  if (!found) return now === null ? null : 0;
  return found.base + (now === null || found.last === null ? 0 : rises([found.last, now]));
}

/**
 * Return the energies of powers that nothing counts, from 5-minute means: above and below zero.
 * @param {Hass} hass
 * @param {Part[]} parts
 * @param {number} start in ms
 */
export async function meansOf(hass, parts, start) {
  const rows = await statistics(hass, parts.map(({ entity }) => entity), "5minute", start, ["mean"]);
  const means = parts.flatMap(({ entity, invert }) => (rows[entity] || []).map(({ mean }) => (mean === null ? null : invert ? -mean : mean)));
  return {
    above: fromMeans(means.map((mean) => (mean === null ? null : Math.max(0, mean)))),
    below: fromMeans(means.map((mean) => (mean === null ? null : Math.max(0, -mean)))),
  };
}

/**
 * Return the sum over parts at each 5 minutes, in order of time; only where every part has a value.
 * @param {Record<string, any[]>} rows
 * @param {Part[]} parts
 * @returns {{time: number, value: number}[]}
 */
export function series(rows, parts) {
  /** @type {Map<number, {sum: number, count: number}>} */
  const sums = new Map();
  for (const { entity, invert } of parts) {
    for (const { start, mean } of rows[entity] || []) {
      if (mean === null) continue;
      const place = sums.get(start) || { sum: 0, count: 0 };
      sums.set(start, { sum: place.sum + (invert ? -mean : mean), count: place.count + 1 });
    }
  }
  return [...sums].filter(([, { count }]) => count === parts.length).map(([time, { sum }]) => ({ time, value: sum })).sort((one, other) => one.time - other.time);
}
