/** The powers of this moment, from states. W; grid + import, battery + discharge. */

import { IDLE_BELOW } from "./numbers.js";

/** @typedef {import("./home.js").Part} Part */
/**
 * @typedef {{solar: number | null, battery: number | null, grid: number | null, house: number | null, ev: number | null, heat_pump: number | null, generator: number | null, level: number | null}} Moment
 *   null: not known, or not there
 * @typedef {Record<string, {state: string, attributes: Record<string, any>, last_changed?: string}>} States
 */

/** What one unit is of the unit we count in: W, kWh, m³, hours. @type {Record<string, number>} */
const FACTORS = { mW: 1e-3, W: 1, kW: 1e3, MW: 1e6, GW: 1e9, Wh: 1e-3, kWh: 1, MWh: 1e3, GWh: 1e6, MJ: 1 / 3.6, GJ: 1e3 / 3.6, "m³": 1, L: 1e-3, s: 1 / 3600, min: 1 / 60, h: 1, d: 24 };

/** @param {string | undefined} unit */
export const factorOf = (unit) => FACTORS[unit || ""] ?? 1;

/**
 * Return an entity's number in our unit; null where it has none.
 * @param {States} states
 * @param {string | undefined} entity
 */
export function valueOf(states, entity) {
  const state = entity ? states[entity] : undefined;
  if (!state || state.state === "" || Number.isNaN(Number(state.state))) return null;
  return Number(state.state) * factorOf(state.attributes.unit_of_measurement);
}

/**
 * Return the sum of a role's parts; null while one of them is not known, since a part is not the whole.
 * @param {States} states
 * @param {Part[] | undefined} parts
 */
export function sumOf(states, parts) {
  if (!parts?.length) return null;
  let sum = 0;
  for (const { entity, invert } of parts) {
    const value = valueOf(states, entity);
    if (value === null) return null;
    sum += invert ? -value : value;
  }
  return sum;
}

/**
 * Return what flows now.
 * @param {Record<string, Part[]>} roles
 * @param {States} states
 * @returns {Moment}
 */
export function momentOf(roles, states) {
  /** @param {string} role */
  const sum = (role) => sumOf(states, roles[role]);
  const levels = (roles.level || []).map(({ entity }) => valueOf(states, entity));
  const level = levels.length && levels.every((one) => one !== null) ? levels.reduce((all, one) => Number(all) + Number(one), 0) : null;
  const moment = {
    solar: sum("solar"), battery: sum("battery"), grid: sum("grid"), house: sum("house"),
    ev: sum("ev"), heat_pump: sum("heat_pump"), generator: sum("generator"), level: level === null ? null : level / levels.length,
  };
  return { ...moment, house: moment.house === null ? balance(roles, moment) : Math.max(0, moment.house) };
}

/**
 * Return what the house takes when no device measures it: everything that comes in. Only where every
 * source is known: without one of them the rest is no consumption.
 * @param {Record<string, Part[]>} roles
 * @param {Moment} moment
 */
function balance(roles, { solar, battery, grid, generator }) {
  if (!roles.grid || !(roles.solar || roles.battery)) return null;
  const terms = [grid, roles.solar ? solar : 0, roles.battery ? battery : 0, roles.generator ? generator : 0];
  return terms.some((term) => term === null) ? null : Math.max(0, terms.reduce((all, term) => Number(all) + Number(term), 0) || 0);
}

/**
 * Return the word for what a role does: a key of the texts, "" for what has only one direction.
 * @param {string} role
 * @param {number | null} watts
 */
export function wordOf(role, watts) {
  if (watts === null) return "";
  if (Math.abs(watts) < IDLE_BELOW) return "idle";
  if (role === "grid") return watts > 0 ? "importing" : "exporting";
  if (role === "battery") return watts > 0 ? "discharging" : "charging";
  return "";
}

/**
 * Share out who feeds whom (W): the sun feeds the house first, then the battery, then the grid; the battery the
 * house; the rest is from the grid.
 * @param {Moment} moment
 * @returns {Record<string, number>} "<source>_<sink>" → W
 */
export function feeds({ solar, battery, grid, house, generator }) {
  const left = {
    solar: Math.max(0, solar || 0), battery: Math.max(0, battery || 0),
    grid: Math.max(0, grid || 0) + Math.max(0, generator || 0),
  };
  const need = { house: house ?? Infinity, battery: Math.max(0, -(battery || 0)), grid: Math.max(0, -(grid || 0)) };
  if (house === null) need.house = Math.max(0, left.solar + left.battery + left.grid - need.battery - need.grid);
  /** @type {Record<string, number>} */
  const flows = {};
  for (const [source, sink] of /** @type {["solar" | "battery" | "grid", "house" | "battery" | "grid"][]} */ ([
    ["solar", "house"], ["solar", "battery"], ["solar", "grid"], ["battery", "house"], ["battery", "grid"], ["grid", "house"], ["grid", "battery"],
  ])) {
    const watts = Math.min(left[source], need[sink]);
    left[source] -= watts;
    need[sink] -= watts;
    flows[`${source}_${sink}`] = watts;
  }
  return flows;
}

/**
 * Return since when nothing came of a role's parts, in ms; null while all are there.
 * @param {States} states
 * @param {Part[] | undefined} parts
 */
export function silentSince(states, parts) {
  const silent = (parts || []).map(({ entity }) => states[entity]).filter((state) => state?.state === "unavailable" && state.last_changed);
  return silent.length ? Math.max(...silent.map((state) => Date.parse(state.last_changed || ""))) : null;
}
