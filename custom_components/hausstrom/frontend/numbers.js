/** Numbers, units and times as a person reads them. Powers in W, energies in kWh, volumes in m³, moments in ms. */

/** Stands where nothing is known: never a unit alone. */
export const DASH = "–";
/** Below this many W nothing flows that a person would want to hear of. */
export const IDLE_BELOW = 15;

/** In ms. */
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

const SPACE = "\u202f";
const FORMATS = { comma_decimal: "en-US", decimal_comma: "de", space_comma: "fr", quote_decimal: "de-CH", none: "en-US" };

/** Return how the user of the page writes numbers and times. */
export function writingOf(hass) {
	const { language = hass.language || "en", number_format: format = "language", time_zone, time_format } = hass.locale || {};
	return {
		language, numbers: format === "language" ? language : FORMATS[format], grouping: format !== "none",
		zone: time_zone === "server" ? hass.config?.time_zone : undefined,
		cycle: { 12: "h12", 24: "h23" }[time_format], currency: hass.config?.currency || "EUR",
	};
}

/** Write a number with so many digits after the point. */
export const number = (value, digits, writing) =>
	new Intl.NumberFormat(writing.numbers, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: writing.grouping }).format(value);

/** Write with fewer digits the larger the value is: 2 below 10, 1 below 100; `most` takes some away. */
function scaled(value, unit, writing, most = 2) {
	const digits = [2, 1, 0].find((one) => one <= most && Math.round(Math.abs(value) * 10 ** one) / 10 ** one < 10 ** (most === 2 ? 3 - one : most)) ?? 0;
	return number(value, digits, writing) + SPACE + unit;
}

/** Write a power's magnitude: its direction is a word beside it. */
export function power(watts, writing) {
	if (watts === null) return DASH;
	const tens = Math.round(Math.abs(watts) / 10) * 10;
	return tens < 1000 ? `${number(tens, 0, writing)}${SPACE}W` : scaled(Math.abs(watts) / 1000, "kW", writing, 1);
}

export const energy = (kwh, writing) => (kwh === null ? DASH : scaled(kwh, "kWh", writing));

/** Write a volume, in litres below 1 m³. */
export function volume(cubic, writing) {
	if (cubic === null) return DASH;
	return Math.round(cubic * 1000) < 1000 ? `${number(cubic * 1000, 0, writing)}${SPACE}L` : scaled(cubic, "m³", writing);
}

export const percent = (share, writing) => (share === null ? DASH : `${number(share, 0, writing)}${SPACE}%`);

export const money = (amount, writing) =>
	new Intl.NumberFormat(writing.numbers, { style: "currency", currency: writing.currency, currencyDisplay: "narrowSymbol" }).format(amount);

export const clock = (moment, { language, cycle, zone }) =>
	new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: cycle, timeZone: zone }).format(moment);

export const day = (moment, { language, zone }) =>
	new Intl.DateTimeFormat(language, { day: "2-digit", month: "2-digit", year: "numeric", timeZone: zone }).format(moment);

/** Write a time, with the day where it is not today. */
export const since = (moment, now, writing) =>
	(day(moment, writing) === day(now, writing) ? "" : `${day(moment, writing)} `) + clock(moment, writing);

/** Return when the "day", "month" or "year" of a moment began in a time zone (undefined: the browser's). */
export function startOf(now, zone, period = "day") {
	const parts = (moment) => Object.fromEntries(new Intl.DateTimeFormat("en-US", {
		timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
	}).formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
	const { year, month, day: date, hour, minute, second } = parts(now);
	const begin = Date.UTC(year, period === "year" ? 0 : month - 1, period === "day" ? date : 1);
	const guess = begin - Date.UTC(year, month - 1, date, hour, minute, second) + Math.floor(now / 1000) * 1000;
	// The clock may have been put forward or back between then and now.
	const shown = parts(guess);
	const minutes = shown.hour * 60 + shown.minute;
	return guess - (minutes > 720 ? minutes - 1440 : minutes) * 60_000;
}
