/** The day as a curve: what the sun gave and will give, what the house takes, where the battery goes, and why. */

import { Card, ask, colorOf, define, escape, partsIn } from "./element.js";
import { DOMAIN } from "./home.js";
import { DAY, clock, number, percent, startOf } from "./numbers.js";
import { series, statistics } from "./recorded.js";
import { filled } from "./texts.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [30, 370, 12, 178];

/** Return the plan of a config entry: {forecast, load, level: [{time, value}], limit, until, reason, explanation}; null: there is none. */
export async function planOf(hass, entry) {
	const { response: plan } = (entry && (await ask(hass, {
		type: "call_service", domain: DOMAIN, service: "get_peak_shaving_plan", service_data: { config_entry_id: entry }, return_response: true,
	}))) || {};
	if (!plan?.series?.length) return null;
	const points = (key) => plan.series.filter((row) => typeof row[key] === "number").map((row) => ({ time: Date.parse(row.time), value: row[key] }));
	const [{ time }] = plan.series;
	return {
		forecast: points("forecast"), load: points("load"), level: points("level"), reason: plan.reason, explanation: plan.explanation,
		// The end is a time of the home's day, wherever the page is.
		limit: plan.mode === "manual" ? plan.capacity_limit : null, until: Date.parse(time.slice(0, 11) + plan.end_time + time.slice(19)),
	};
}

/** Return the hours (W) of the forecasts that the energy preferences name, added up. */
export async function forecastOf(hass, preferences) {
	const wanted = new Set((preferences?.energy_sources || []).flatMap((source) => source.config_entry_solar_forecast || []));
	const found = (wanted.size && (await ask(hass, { type: "energy/solar_forecast" }))) || {};
	const hours = new Map();
	for (const [time, wh] of [...wanted].flatMap((id) => Object.entries(found[id]?.wh_hours || {}))) hours.set(Date.parse(time), (hours.get(Date.parse(time)) || 0) + wh);
	return [...hours].map(([time, value]) => ({ time, value })).sort((one, other) => one.time - other.time);
}

class PlanCard extends Card {
	every = 900_000;
	style_ = `svg{display:block;width:100%;overflow:visible}text{fill:var(--secondary-text-color);font-size:14px}path{fill:none;stroke-width:2}.dashed{stroke-dasharray:4 4}.dotted{stroke-dasharray:2 3}.axis{stroke:var(--divider-color,#8884);stroke-width:1}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;font-size:13px;margin-top:6px}.legend span::before{content:"";display:inline-block;width:14px;border-top:3px var(--as) var(--of);margin-inline-end:6px;vertical-align:middle}p{margin:8px 0 0;font-size:14px}`;
	/** @type {Record<string, any[]>} */
	_past = { solar: [], house: [], level: [] };
	_forecast = [];
	_plan = null;

	async load() {
		const { hass, config } = this;
		const roles = Object.keys(this._past);
		const parts = roles.map((role) => partsIn(config[role]));
		const [rows, plan] = await Promise.all([
			statistics(hass, parts.flat().map(({ entity }) => entity), "5minute", startOf(Date.now(), this.writing.zone), ["mean"]), planOf(hass, config.plan),
		]);
		this._past = Object.fromEntries(roles.map((role, index) => [role, series(rows, parts[index]).map(({ time, value }) => ({ time, value: role === "level" ? value / parts[index].length : value }))]));
		this._plan = plan;
		this._forecast = plan?.forecast.length ? plan.forecast : await forecastOf(hass, await ask(hass, { type: "energy/get_prefs" }));
	}

	render() {
		const { texts, writing, _plan: plan } = this;
		const now = Date.now();
		const midnight = startOf(now, writing.zone);
		const today = (points, later = []) => [...points, ...later.filter(({ time }) => time >= now)].filter(({ time }) => time >= midnight && time < midnight + DAY);
		const [solar, forecast] = [today(this._past.solar), today(this._forecast)];
		const [house, level] = [today(this._past.house, plan?.load), today(this._past.level, plan?.level)];
		const top = 1000 * Math.ceil(Math.max(1, ...[...solar, ...forecast, ...house].map(({ value }) => value / 1000)));
		const x = (time) => LEFT + ((time - midnight) / DAY) * (RIGHT - LEFT);
		const y = (share) => BOTTOM - share * (BOTTOM - TOP);
		const path = (points, whole) => points.map(({ time, value }, index) => `${index ? "L" : "M"}${x(time).toFixed(1)} ${y(Math.max(0, value) / whole).toFixed(1)}`).join("");
		const text = (left, bottom, anchor, said) => `<text x="${left}" y="${bottom}" text-anchor="${anchor}">${said}</text>`;
		const said = plan && (texts[`reason_${plan.reason}`] || plan.explanation);
		const { limit, until } = plan || {};
		/** What a line is, is said below, where no line can lie over it. @type {[string, string, string, any[], number][]} */
		const lines = [
			[texts.solar, "solar", "solid", solar, top], [texts.forecast, "solar", "dashed", forecast, top], [texts.house, "house", "solid", house, top],
			[texts.level, "discharging", "solid", level, 100],
			[`${filled(texts.limit, { limit: percent(limit ?? null, writing) })} ${filled(texts.until, { time: clock(until || now, writing) })}`, "discharging", "dotted",
				limit > 0 && limit < 100 && until ? [[midnight, limit], [until, limit], [until, 0]].map(([time, value]) => ({ time, value })) : [], 100],
		];
		const drawn = lines.filter(([, , , points]) => points.length > 1);
		this.show(`<svg viewBox="0 0 400 200" role="img" aria-label="${texts.plan}">${[0, 0.5, 1].map((share) => `<path class="axis" d="M${LEFT} ${y(share)}H${RIGHT}"/>`).join("")}
${[6, 12, 18].map((hour) => text(x(midnight + (hour * DAY) / 24), 196, "middle", clock(midnight + (hour * DAY) / 24, writing))).join("")}${text(0, TOP + 5, "start", number(top / 1000, 0, writing))}${text(0, 196, "start", "kW")}
${level.length ? text(400, TOP + 5, "end", "100") + text(400, 196, "end", "%") : ""}${solar.length > 1 ? `<path d="${path(solar, top)}V${BOTTOM}H${x(solar[0].time)}" style="fill:${colorOf("solar")}" opacity=".25"/>` : ""}
${drawn.map(([, role, style, points, whole]) => `<path class="${style}" d="${path(points, whole)}" stroke="${colorOf(role)}"/>`).join("")}<path d="M${x(now)} ${TOP}V${BOTTOM}" stroke="var(--primary-color)"/></svg>
<div class="legend">${drawn.map(([name, role, style]) => `<span style="--of:${colorOf(role)};--as:${style}">${name}</span>`).join("")}</div>${said ? `<p>${escape(said)}</p>` : ""}`);
	}
}

define("hausstrom-plan-card", PlanCard);
