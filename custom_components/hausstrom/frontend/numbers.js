/** Numbers, units and times as a person reads them. Powers in W, energies in kWh, volumes in m³. */

/** Stands where nothing is known: never a unit alone. */
export const DASH = "–";
/** Below this many W nothing flows that a person would want to hear of. */
export const IDLE_BELOW = 15;

const SPACE = "\u202f";

/** @type {Record<string, string>} */
const NUMBER_FORMATS = { comma_decimal: "en-US", decimal_comma: "de", space_comma: "fr", quote_decimal: "de-CH", none: "en-US" };

/**
 * How this user writes numbers and times.
 * @typedef {{language: string, numbers: string | undefined, grouping: boolean, zone: string | undefined, hour12: boolean | undefined, currency: string}} Writing
 */

/**
 * Return how the user of the page writes.
 * @param {Hass} hass
 * @returns {Writing}
 */
export function writingOf(hass) {
  const locale = hass.locale || {};
  const language = locale.language || hass.language || "en";
  const format = locale.number_format || "language";
  return {
    language,
    numbers: format === "language" ? language : NUMBER_FORMATS[format],
    grouping: format !== "none",
    zone: locale.time_zone === "server" ? hass.config?.time_zone : undefined,
    hour12: locale.time_format === "12" ? true : locale.time_format === "24" ? false : undefined,
    currency: hass.config?.currency || "EUR",
  };
}

/**
 * @param {number} value
 * @param {number} digits after the point
 * @param {Writing} writing
 */
export const number = (value, digits, writing) =>
  new Intl.NumberFormat(writing.numbers, {
    minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: writing.grouping,
  }).format(value);

/** @param {number} value @param {number} digits */
const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

/**
 * Write with fewer digits the larger the value is.
 * @param {number} value
 * @param {[number, number][]} steps [below this, so many digits]; the rest has none
 * @param {Writing} writing
 */
function scaled(value, steps, writing) {
  const step = steps.find(([below, digits]) => Math.abs(round(value, digits)) < below);
  return number(value, step ? step[1] : 0, writing);
}

/**
 * A power's magnitude: its direction is a word beside it.
 * @param {number | null} watts
 * @param {Writing} writing
 */
export function power(watts, writing) {
  if (watts === null) return DASH;
  const tens = Math.round(Math.abs(watts) / 10) * 10;
  return tens < 1000 ? `${number(tens, 0, writing)}${SPACE}W` : `${scaled(Math.abs(watts) / 1000, [[10, 1]], writing)}${SPACE}kW`;
}

/** @param {number | null} kwh @param {Writing} writing */
export const energy = (kwh, writing) => (kwh === null ? DASH : `${scaled(kwh, [[10, 2], [100, 1]], writing)}${SPACE}kWh`);

/** @param {number | null} cubic in m³ @param {Writing} writing */
export function volume(cubic, writing) {
  if (cubic === null) return DASH;
  const litres = Math.round(cubic * 1000);
  return litres < 1000 ? `${number(litres, 0, writing)}${SPACE}L` : `${scaled(cubic, [[10, 2], [100, 1]], writing)}${SPACE}m³`;
}

/** @param {number | null} share 0–100 @param {Writing} writing */
export const percent = (share, writing) => (share === null ? DASH : `${number(Math.round(share), 0, writing)}${SPACE}%`);

/** @param {number} amount @param {Writing} writing */
export const money = (amount, writing) =>
  new Intl.NumberFormat(writing.numbers, { style: "currency", currency: writing.currency, currencyDisplay: "narrowSymbol" }).format(amount);

/** @param {number} moment in ms @param {Writing} writing */
export const clock = (moment, writing) =>
  new Intl.DateTimeFormat(writing.language, { hour: "2-digit", minute: "2-digit", hour12: writing.hour12, timeZone: writing.zone }).format(moment);

/** @param {number} moment in ms @param {Writing} writing */
export const day = (moment, writing) =>
  new Intl.DateTimeFormat(writing.language, { day: "2-digit", month: "2-digit", year: "numeric", timeZone: writing.zone }).format(moment);

/**
 * The time, with the day where it is not today.
 * @param {number} moment in ms
 * @param {number} now in ms
 * @param {Writing} writing
 */
export const since = (moment, now, writing) =>
  day(moment, writing) === day(now, writing) ? clock(moment, writing) : `${day(moment, writing)} ${clock(moment, writing)}`;

/**
 * Return when the day, month or year of a moment began, in ms.
 * @param {number} now in ms
 * @param {string | undefined} zone of the user; undefined: that of the browser
 * @param {"day" | "month" | "year"} [period]
 */
export function startOf(now, zone, period = "day") {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(now);
  /** @param {string} type */
  const part = (type) => Number(parts.find((one) => one.type === type)?.value);
  const midnight = Date.UTC(part("year"), period === "year" ? 0 : part("month") - 1, period === "day" ? part("day") : 1);
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  const guess = midnight - (wall - Math.floor(now / 1000) * 1000);
  // The clock may have been put forward or back between then and now.
  const shown = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", hour: "numeric", minute: "numeric" }).formatToParts(guess);
  const minutes = shown.reduce((sum, { type, value }) => sum + (type === "hour" ? 60 * Number(value) : type === "minute" ? Number(value) : 0), 0);
  return guess - (minutes > 720 ? minutes - 1440 : minutes) * 60_000;
}
