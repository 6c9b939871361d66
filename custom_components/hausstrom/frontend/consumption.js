/** A building's consumption: meters by unit (a flat, a shop) and medium. */

/** What a meter's type counts; keys of the texts, in the order of the columns. @type {Record<string, string[]>} */
export const MEDIA = {
  cold: ["cold_water", "water", "irrigation_water", "dual_water"], warm: ["warm_water", "hot_water"], heat: ["heat", "heat_cooling", "steam"],
  cooling: ["cooling"], electricity: ["electricity"], gas: ["gas"], heat_cost: ["heat_cost_allocator"],
};

/** @param {string} type a meter's type @returns {string | undefined} */
export const mediumOf = (type) => Object.keys(MEDIA).find((medium) => MEDIA[medium].includes(type));

const WORDS = new RegExp(
  `(^|[\\s,;:._/()-])(cold|warm|hot|heat(ing)?|heat meter|water|electricity|power|gas|cooling|meter|kalt(wasser)?|warm(wasser)?|wasser|wärme(zähler|mengenzähler)?|heizung|hkv|wmz|kw|ww|strom|kälte|zähler|kaltwasserzähler|warmwasserzähler|stromzähler|acqua|fredda|calda|calore|riscaldamento|elettricità|contatore|apă|rece|caldă|căldură|electricitate|gaz|contor)(?=$|[\\s,;:._/()-])`,
  "giu",
);

/**
 * Return what a label names beside the medium: "Top 1 Kaltwasser" is of "Top 1".
 * @param {string} label
 */
export function unitOf(label) {
  let text = label;
  let before;
  do {
    before = text;
    text = text.replace(WORDS, "$1");
  } while (text !== before);
  return text.replace(/\(\s*\)/g, " ").replace(/[\s,;:._/-]+$|^[\s,;:._/-]+/g, "").replace(/\s{2,}/g, " ") || label;
}

/**
 * @typedef {{unit: string, medium: string, entity: string, number?: string, name?: string, billing?: string}} Meter
 */

/**
 * Return the rows of the table, in the order of their names, each with its meters.
 * @param {Meter[]} meters
 * @param {string} [search]
 */
export function rowsOf(meters, search = "") {
  const wanted = search.trim().toLowerCase();
  /** @type {Map<string, Meter[]>} */
  const units = new Map();
  for (const meter of meters) {
    if (wanted && ![meter.unit, meter.number, meter.name].some((text) => text?.toLowerCase().includes(wanted))) continue;
    units.set(meter.unit, [...(units.get(meter.unit) || []), meter]);
  }
  return [...units].map(([unit, own]) => ({ unit, meters: own })).sort((one, other) => one.unit.localeCompare(other.unit, undefined, { numeric: true }));
}

/**
 * Return the sum of a medium; null where nothing is known.
 * @param {Meter[]} meters
 * @param {string} medium
 * @param {Record<string, number | null>} values entity → consumption
 */
export function totalOf(meters, medium, values) {
  const known = meters.filter((meter) => meter.medium === medium).map(({ entity }) => values[entity] ?? null).filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => Number(sum) + Number(value), 0) : null;
}

/**
 * Return CSV (RFC 4180) of some rows; a cell that a spreadsheet would take for a formula is text.
 * @param {(string | number | null | undefined)[][]} rows
 */
export const csvOf = (rows) =>
  rows.map((row) => row.map((cell) => {
    const text = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell ?? "");
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }).join(",")).join("\r\n");
