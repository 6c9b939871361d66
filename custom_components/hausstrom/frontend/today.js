/** Today's energies, shares and money. kWh; P(roduced) I(mported) E(xported) C(harged) D(ischarged), H(ouse). */

const ENOUGH = 0.01;
/** Below this many kWh a share of the day says less than that of the moment. */

/**
 * @typedef {{start: number, change: number | null, state: number | null}} Hour
 *   one row of long-term statistics; start in ms
 * @typedef {Record<"P" | "I" | "E" | "C" | "D", number | null>} Energies
 */

/**
 * Return how much a counter has risen over some readings; a fall is a new beginning at 0.
 * @param {(number | null)[]} readings
 */
export function rises(readings) {
  let last = /** @type {number | null} */ (null);
  let sum = 0;
  for (const reading of readings) {
    if (reading === null) continue;
    if (last !== null) sum += reading >= last ? reading - last : reading;
    last = reading;
  }
  return sum;
}

/**
 * Return what a counter has counted since midnight: whole hours from the statistics, then what came after the last.
 * @param {Hour[]} hours those of today, and the last one before
 * @param {number} midnight in ms
 * @param {number | null} now what the counter shows; null: nothing
 */
export function countedToday(hours, midnight, now) {
  const today = hours.filter(({ start }) => start >= midnight).reduce((sum, { change }) => sum + (change || 0), 0);
  const last = hours.at(-1)?.state;
  return today + (last === null || last === undefined || now === null ? 0 : rises([last, now]));
}

/**
 * Return the energy of 5-minute means of a power (W); gaps count as nothing.
 * @param {(number | null)[]} means
 */
export const fromMeans = (means) => means.reduce((/** @type {number} */ sum, mean) => sum + (mean || 0) / 12_000, 0);

/**
 * Return what the house has used: measured, else everything that came in.
 * @param {Energies} energies null: no such source
 * @param {number | null} [measured]
 */
export function consumedOf({ P, I, E, C, D }, measured = null) {
  if (measured !== null) return measured;
  if (I === null && P === null) return null;
  return Math.max(0, (P || 0) + (I || 0) + (D || 0) - (E || 0) - (C || 0));
}

/** @param {number} part @param {number} whole */
const rest = (part, whole) => Math.min(100, Math.max(0, 100 * (1 - part / whole)));

/**
 * Return self-sufficiency and self-consumption in %; null: there is none. In the first watt hours of a day they
 * are those of the moment.
 * @param {Energies} kwh
 * @param {number | null} house kWh
 * @param {Partial<Record<"I" | "E" | "H" | "P", number | null>>} [watts] of this moment, without sign
 */
export function sharesOf(kwh, house, watts = {}) {
  /** @param {number | null} part @param {number | null} whole @param {number | null | undefined} wattsPart @param {number | null | undefined} wattsWhole */
  const share = (part, whole, wattsPart, wattsWhole) => {
    if (part === null || whole === null) return null;
    if (whole >= ENOUGH) return rest(part, whole);
    return typeof wattsPart === "number" && wattsWhole ? rest(wattsPart, wattsWhole) : null;
  };
  return {
    self_sufficiency: share(kwh.I, house, watts.I, watts.H),
    self_consumption: kwh.P === 0 && !watts.P ? null : share(kwh.E ?? 0, kwh.P, watts.E ?? 0, watts.P),
  };
}

/**
 * Return today's money; null where no price is known. Hours have a price each; one row is enough for a fixed price.
 * @param {{I: number, E: number, H: number | null, import?: number | null, export?: number | null}[]} rows energies in kWh, prices per kWh
 */
export function moneyOf(rows) {
  const priced = rows.some((row) => typeof row.import === "number");
  const paid = rows.some((row) => typeof row.export === "number");
  const income = paid ? rows.reduce((sum, row) => sum + row.E * (row.export || 0), 0) : null;
  if (!priced) return { cost: null, income, saved: null };
  return {
    cost: rows.reduce((sum, row) => sum + row.I * (row.import || 0), 0),
    income,
    saved: rows.reduce((sum, row) => sum + Math.max(0, (row.H ?? row.I) - row.I) * (row.import || 0), income || 0),
  };
}
