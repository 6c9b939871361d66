/** When a battery is full, or until when it lasts: a time, or nothing. */

const HOUR = 3_600_000;
const TEN_MINUTES = 600_000;
const EFFICIENCY = 0.95;

/**
 * @typedef {{now: number, level: number | null, reserve: number | null, capacity: number | null, power: number | null, time_to_go?: number | null, plan?: {time: number, level: number}[]}} Battery
 *   now in ms; level and reserve in %; capacity in kWh; power: mean of 15 minutes in W, + while charging; time_to_go in hours
 * @typedef {{text: "full" | "at_reserve"} | {text: "full_at" | "lasts_until", at: number}} Line
 */

/**
 * Return what to say of the battery; null: nothing, rather than a guess.
 * @param {Battery} battery
 * @returns {Line | null}
 */
export function lineOf({ now, level, reserve, capacity, power, time_to_go, plan }) {
  if (level === null) return null;
  if (level >= 99) return { text: "full" };
  const floor = reserve ?? 0;
  if (reserve !== null && level <= reserve + 1) return { text: "at_reserve" };
  if (power === null || !power) return null;
  const text = power > 0 ? "full_at" : "lasts_until";
  // What the battery's own electronics reckons does not need a capacity from us.
  if (power < 0 && time_to_go) return within(text, now, time_to_go);
  if (!capacity || Math.abs(power) < Math.max(100, capacity * 10)) return null;
  const planned = plan && reached(plan, now, power > 0 ? (one) => one >= 99 : (one) => one <= floor + 1);
  if (planned) return within(text, now, (planned - now) / HOUR);
  const hours = power > 0
    ? ((100 - level) / 100) * capacity / ((power / 1000) * EFFICIENCY)
    : ((level - floor) / 100) * capacity * EFFICIENCY / (-power / 1000);
  return within(text, now, hours);
}

/** @param {{time: number, level: number}[]} plan @param {number} now @param {(level: number) => boolean} there */
const reached = (plan, now, there) => plan.find((row) => row.time > now && there(row.level))?.time;

/**
 * @param {"full_at" | "lasts_until"} text
 * @param {number} now
 * @param {number} hours
 * @returns {Line | null}
 */
const within = (text, now, hours) => (hours > 24 ? null : { text, at: Math.round((now + hours * HOUR) / TEN_MINUTES) * TEN_MINUTES });

/**
 * Keep what is shown unless it has become wrong by more than ten minutes: a time that jumps is not read.
 * @param {Line | null} shown
 * @param {Line | null} line
 */
export const steady = (shown, line) =>
  shown && line && "at" in shown && "at" in line && shown.text === line.text && Math.abs(shown.at - line.at) <= TEN_MINUTES ? shown : line;

/**
 * Return the mean of a power over the last 15 minutes, weighted by how long each value stood.
 * @param {{time: number, value: number | null}[]} samples in order of time (ms)
 * @param {number} now in ms
 */
export function meanOf(samples, now) {
  const from = now - HOUR / 4;
  let sum = 0;
  let known = 0;
  samples.forEach(({ time, value }, number) => {
    const end = Math.min(samples[number + 1]?.time ?? now, now);
    const span = end - Math.max(time, from);
    if (value === null || span <= 0) return;
    sum += value * span;
    known += span;
  });
  if (known > 0) return sum / known;
  return samples.at(-1)?.value ?? null;
}
