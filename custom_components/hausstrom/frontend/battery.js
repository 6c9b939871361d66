/** When a battery is full, or until when it lasts: a time, or nothing. Levels in %, kWh, moments in ms. */

import { HOUR } from "./numbers.js";

const TEN_MINUTES = 600_000;
const EFFICIENCY = 0.95;

/**
 * Return what to say of a battery: {text, at}, text a key of the texts; null: nothing, rather than a guess.
 * `power`: mean of 15 minutes in W, + while charging; `time_to_go`: what its own electronics reckons, in hours;
 * `plan`: rows of {time, value}, the level that is planned.
 */
export function lineOf({ now, level, reserve = null, capacity, power, time_to_go, plan }) {
	if (level === null) return null;
	if (level >= 99) return { text: "full" };
	if (reserve !== null && level <= reserve + 1) return { text: "at_reserve" };
	if (!power) return null;
	const [text, end] = power > 0 ? ["full_at", 99] : ["lasts_until", reserve + 1];
	if (power < 0 && time_to_go) return within(text, now, time_to_go);
	if (!capacity || Math.abs(power) < Math.max(100, capacity * 10)) return null;
	const planned = plan?.find(({ time, value }) => time > now && (power > 0 ? value >= end : value <= end));
	if (planned) return within(text, now, (planned.time - now) / HOUR);
	const kwh = ((power > 0 ? 100 - level : level - reserve) / 100) * capacity;
	return within(text, now, power > 0 ? kwh / ((power / 1000) * EFFICIENCY) : (kwh * EFFICIENCY) / (-power / 1000));
}

const within = (text, now, hours) => (hours > 24 ? null : { text, at: Math.round((now + hours * HOUR) / TEN_MINUTES) * TEN_MINUTES });

/** Return the line to show: the one that is shown, unless it is wrong by more than ten minutes. */
export const steady = (shown, line) => (shown?.text === line?.text && Math.abs(shown?.at - line?.at) <= TEN_MINUTES ? shown : line);

/** Return the mean of {time, value} in order of time over the last 15 minutes, weighted by how long each value stood. */
export function meanOf(samples, now) {
	let [sum, known] = [0, 0];
	samples.forEach(({ time, value }, number) => {
		const span = Math.min(samples[number + 1]?.time ?? now, now) - Math.max(time, now - HOUR / 4);
		if (value === null || span <= 0) return;
		sum += value * span;
		known += span;
	});
	return known ? sum / known : (samples.at(-1)?.value ?? null);
}
