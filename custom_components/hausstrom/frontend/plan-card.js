/** The day as a curve: what the sun gave and will give, what the house takes, where the battery goes, and why. */

import { Card, ask, colorOf, define, escape, partsIn } from "./element.js";
import { DOMAIN } from "./home.js";
import { clock, number, percent, startOf } from "./numbers.js";
import { series, statistics } from "./recorded.js";
import { filled } from "./texts.js";

/** @typedef {{time: number, value: number}} Point */
/** @typedef {{forecast: Point[], load: Point[], level: Point[], limit: number | null, until: number | null, reason: string}} Plan */

const DAY = 86_400_000;
const [LEFT, RIGHT, TOP, BOTTOM, WIDTH, HEIGHT] = [30, 30, 12, 22, 400, 200];

const STYLE = `svg{display:block;width:100%;height:auto;overflow:visible}text{fill:var(--secondary-text-color);font-size:14px}.axis{stroke:var(--divider-color,#8884);stroke-width:1}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;font-size:13px;margin-top:6px}.legend span::before{content:"";display:inline-block;width:14px;height:0;border-top:3px var(--as,solid) var(--of);margin-inline-end:6px;vertical-align:middle}
p{margin:8px 0 0;font-size:14px}`;

/**
 * Ask for the plan of one system; null: there is none.
 * @param {Hass} hass
 * @param {string | undefined} entry
 * @returns {Promise<Plan | null>}
 */
export async function planOf(hass, entry) {
  const answer = entry && (await ask(hass, {
    type: "call_service", domain: DOMAIN, service: "get_peak_shaving_plan", service_data: { config_entry_id: entry }, return_response: true,
  }));
  const plan = answer?.response;
  const rows = Array.isArray(plan?.series) ? plan.series : [];
  if (!rows.length) return null;
  /** @param {string} key @returns {Point[]} */
  const points = (key) => rows.filter((/** @type {any} */ row) => typeof row[key] === "number").map((/** @type {any} */ row) => ({ time: Date.parse(row.time), value: row[key] }));
  return { forecast: points("forecast"), load: points("load"), level: points("level"), limit: plan.capacity_limit ?? null, until: momentIn(plan.end_time), reason: String(plan.reason || "") };
}

/** A time of today, or a moment. @param {string | null | undefined} text */
function momentIn(text) {
  if (!text) return null;
  const time = /^(\d\d):(\d\d)/.exec(text);
  return time ? new Date().setHours(Number(time[1]), Number(time[2]), 0, 0) : Date.parse(text) || null;
}

/**
 * Return the hours of the forecasts that the energy preferences name, added up, in W.
 * @param {Hass} hass
 * @param {any} preferences
 * @returns {Promise<Point[]>}
 */
export async function forecastOf(hass, preferences) {
  const wanted = (preferences?.energy_sources || []).flatMap((/** @type {any} */ source) => source.config_entry_solar_forecast || []);
  if (!wanted.length) return [];
  const found = (await ask(hass, { type: "energy/solar_forecast" })) || {};
  /** @type {Map<number, number>} */
  const hours = new Map();
  for (const id of new Set(wanted)) {
    for (const [time, wh] of Object.entries(found[/** @type {string} */ (id)]?.wh_hours || {})) hours.set(Date.parse(time), (hours.get(Date.parse(time)) || 0) + Number(wh));
  }
  return [...hours].map(([time, value]) => ({ time, value })).sort((one, other) => one.time - other.time);
}

class PlanCard extends Card {
  every = 900_000;
  style_ = STYLE;
  /** @type {Point[]} */ _solar = [];
  /** @type {Point[]} */ _house = [];
  /** @type {Point[]} */ _level = [];
  /** @type {Point[]} */ _forecast = [];
  /** @type {Plan | null} */ _plan = null;

  async load() {
    const { hass, config } = this;
    const midnight = startOf(Date.now(), this.writing.zone);
    const [solar, house, level] = [config.solar, config.house, config.level].map(partsIn);
    const [rows, plan, preferences] = await Promise.all([
      statistics(hass, [...solar, ...house, ...level].map(({ entity }) => entity), "5minute", midnight, ["mean"]),
      planOf(hass, config.plan), ask(hass, { type: "energy/get_prefs" }),
    ]);
    this._solar = series(rows, solar);
    this._house = series(rows, house);
    this._level = series(rows, level).map(({ time, value }) => ({ time, value: value / level.length }));
    this._plan = plan;
    this._forecast = plan?.forecast.length ? plan.forecast : await forecastOf(hass, preferences);
  }

  render() {
    const { texts, writing } = this;
    const now = Date.now();
    const midnight = startOf(now, writing.zone);
    /** @param {Point[]} points */
    const today = (points) => points.filter(({ time }) => time >= midnight && time < midnight + DAY);
    const [solar, forecast] = [this._solar, this._forecast].map(today);
    const house = today([...this._house, ...(this._plan?.load || []).filter(({ time }) => time >= now)]);
    const level = today([...this._level, ...(this._plan?.level || []).filter(({ time }) => time >= now)]);
    const most = Math.max(1000, ...[...solar, ...forecast, ...house].map(({ value }) => value));
    const top = Math.ceil(most / 1000) * 1000;
    /** @param {number} time */
    const x = (time) => LEFT + ((time - midnight) / DAY) * (WIDTH - LEFT - RIGHT);
    /** @param {number} share 0–1 */
    const y = (share) => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    /** @param {Point[]} points @param {number} whole */
    const path = (points, whole) => points.map(({ time, value }, index) => `${index ? "L" : "M"}${x(time).toFixed(1)} ${y(Math.max(0, value) / whole).toFixed(1)}`).join("");
    const area = solar.length > 1 ? `${path(solar, top)}L${x(solar[solar.length - 1].time)} ${y(0)}L${x(solar[0].time)} ${y(0)}Z` : "";
    const { limit, until } = this._plan || {};
    const marked = typeof limit === "number" && limit > 0 && limit < 100 && until;
    const lines = [
      [texts.solar, "solar", "solid", solar.length > 1], [texts.forecast, "solar", "dashed", forecast.length > 1],
      [texts.house, "house", "solid", house.length > 1], [texts.level, "discharging", "solid", level.length > 1],
    ].filter(([, , , there]) => there);
    this.show(`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(texts.plan)}">
${[0, 0.5, 1].map((share) => `<path class="axis" d="M${LEFT} ${y(share)}H${WIDTH - RIGHT}"/>`).join("")}
${[6, 12, 18].map((hour) => `<text x="${x(midnight + (hour * DAY) / 24)}" y="${HEIGHT - 4}" text-anchor="middle">${clock(midnight + (hour * DAY) / 24, writing)}</text>`).join("")}
<text x="0" y="${y(1) + 5}">${number(top / 1000, 0, writing)}</text><text x="0" y="${HEIGHT - 4}">kW</text>
${level.length ? `<text x="${WIDTH}" y="${y(1) + 5}" text-anchor="end">100</text><text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end">%</text>` : ""}
<path d="${area}" fill="${colorOf("solar")}" opacity=".25"/><path d="${path(solar, top)}" fill="none" stroke="${colorOf("solar")}" stroke-width="2"/>
<path d="${path(forecast, top)}" fill="none" stroke="${colorOf("solar")}" stroke-width="2" stroke-dasharray="4 4"/>
<path d="${path(house, top)}" fill="none" stroke="${colorOf("house")}" stroke-width="1.5"/>
<path d="${path(level, 100)}" fill="none" stroke="${colorOf("discharging")}" stroke-width="1.5"/>
${marked ? `<path d="M${LEFT} ${y(limit / 100)}H${x(until)}V${y(0)}" fill="none" stroke="${colorOf("discharging")}" stroke-dasharray="2 3"/><text x="${LEFT + 4}" y="${y(limit / 100) - 4}">${filled(texts.limit, { limit: percent(limit, writing) })} ${filled(texts.until, { time: clock(until, writing) })}</text>` : ""}
<path d="M${x(now)} ${TOP}V${y(0)}" stroke="var(--primary-color)" stroke-width="1.5"/></svg>
<div class="legend">${lines.map(([name, role, style]) => `<span style="--of:${colorOf(String(role))};--as:${style}">${escape(name)}</span>`).join("")}</div>
${this._plan?.reason.includes(" ") ? `<p>${escape(this._plan.reason)}</p>` : ""}`);
  }
}

define("hausstrom-plan-card", PlanCard);
