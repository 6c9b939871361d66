/** The powers of this moment, from states. W; grid + import, battery + discharge; null: not known, or not there. */

import { IDLE_BELOW } from "./numbers.js";

const FACTORS = { mW: 1e-3, kW: 1e3, MW: 1e6, GW: 1e9, Wh: 1e-3, MWh: 1e3, GWh: 1e6, MJ: 1 / 3.6, GJ: 1e3 / 3.6, L: 1e-3, s: 1 / 3600, min: 1 / 60, d: 24 };

/** Return what one of a unit is of the unit that we count in: W, kWh, m³, hours. */
export const factorOf = (unit) => FACTORS[unit] ?? 1;

/** Return a text's number; null where it is none. */
export const numberIn = (text) => (text === undefined || text === "" || Number.isNaN(Number(text)) ? null : Number(text));

/** Return an entity's number in our unit. */
export function valueOf(states, entity) {
	const value = numberIn(states[entity]?.state);
	return value === null ? null : value * factorOf(states[entity].attributes.unit_of_measurement);
}

/** Return the sum of numbers; null if one of them is null: a part is not the whole. */
export const total = (values) => (values.length && !values.includes(null) ? values.reduce((sum, value) => sum + value, 0) : null);

/** Return the sum of a role's parts. */
export const sumOf = (states, parts = []) =>
	total(parts.map(({ entity, invert }) => {
		const value = valueOf(states, entity);
		return value !== null && invert ? -value : value;
	}));

/** Return what flows now: role → W, level in %. @returns {Record<string, number>} */
export function momentOf(roles, states) {
	const moment = Object.fromEntries(["solar", "battery", "grid", "house", "ev", "heat_pump", "generator"].map((role) => [role, sumOf(states, roles[role])]));
	const level = sumOf(states, roles.level);
	return {
		...moment, level: level === null ? null : level / roles.level.length,
		house: moment.house === null ? balance(roles, moment) : Math.max(0, moment.house),
	};
}

/** What the house takes when no device measures it: everything that comes in. Only where every source is known. */
function balance(roles, moment) {
	if (!roles.grid || !(roles.solar || roles.battery)) return null;
	const rest = total(["solar", "battery", "grid", "generator"].filter((role) => roles[role]).map((role) => moment[role]));
	return rest === null ? null : Math.max(0, rest);
}

/** Return the word for what a role does: a key of the texts; "" for what has one direction only. */
export function wordOf(role, watts) {
	if (watts === null) return "";
	if (Math.abs(watts) < IDLE_BELOW) return "idle";
	return { grid: ["exporting", "importing"], battery: ["charging", "discharging"] }[role]?.[watts > 0 ? 1 : 0] || "";
}

/**
 * Share out who feeds whom: "<source>_<sink>" → W. The sun feeds the house first, then the battery, then the grid;
 * the battery the house; the rest is from the grid.
 */
export function feeds({ solar, battery, grid, house, generator }) {
	const plus = (value) => Math.max(0, value || 0);
	const left = { solar: plus(solar), battery: plus(battery), grid: plus(grid) + plus(generator) };
	const need = { battery: plus(-battery), grid: plus(-grid), house: 0 };
	need.house = house ?? plus(left.solar + left.battery + left.grid - need.battery - need.grid);
	const flows = {};
	for (const line of ["solar_house", "solar_battery", "solar_grid", "battery_house", "battery_grid", "grid_house", "grid_battery"]) {
		const [source, sink] = line.split("_");
		flows[line] = Math.min(left[source], need[sink]);
		left[source] -= flows[line];
		need[sink] -= flows[line];
	}
	return flows;
}

/** Return since when (ms) nothing came of a role's parts; null while all are there. */
export function silentSince(states, parts) {
	const silent = parts.map(({ entity }) => states[entity]).filter((state) => state?.state === "unavailable" && state.last_changed);
	return silent.length ? Math.max(...silent.map((state) => Date.parse(state.last_changed))) : null;
}
