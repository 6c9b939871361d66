/** The consumption of a building: units by media, today, this month, this year. */

import { csvOf, MEDIA, rowsOf, totalOf } from "./consumption.js";
import { Card, colorOf, define, escape } from "./element.js";
import { factorOf, valueOf } from "./moment.js";
import { DASH, day, energy, number, since, startOf, volume } from "./numbers.js";
import { counted, countedNow, statistics } from "./recorded.js";
import { filled } from "./texts.js";

/** @type {Record<string, string>} */
const COLORS = { cold: "cold", warm: "warm", heat: "heat", cooling: "import", electricity: "solar", gas: "generator", heat_cost: "heat" };
const VOLUMES = ["cold", "warm", "gas"];
const PERIODS = /** @type {const} */ (["today", "month", "year"]);
const MANY = 100;
const ROW = 44;

const STYLE = `:host{container-type:inline-size}.bar{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin-bottom:8px}.tabs{display:flex;border:1px solid var(--divider-color,#8886);border-radius:18px;overflow:hidden}
.tabs button{padding:6px 14px;font-size:14px}.tabs button[aria-pressed=true]{background:var(--primary-color);color:var(--text-primary-color,#fff)}input{flex:1;min-width:110px;font:inherit;font-size:14px;
padding:7px 12px;border-radius:18px;border:1px solid var(--divider-color,#8886);background:none;color:inherit;box-sizing:border-box}.csv{font-size:14px;color:var(--primary-color);padding:6px}
.table{font-size:14px;max-height:70vh;overflow-y:auto}.tr{display:grid;grid-template-columns:minmax(90px,1.4fr) repeat(var(--columns),minmax(70px,1fr));gap:0 10px;align-items:center;width:100%;box-sizing:border-box;
min-height:${ROW}px;border-bottom:1px solid var(--divider-color,#8883);padding:4px 0}.tr>*{text-align:end;overflow-wrap:anywhere}.tr>:first-child{text-align:start}.head{font-size:13px;color:var(--secondary-text-color);min-height:32px}
.head>:not(:first-child)::before,.tr .cell::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;background:var(--of);margin-inline-end:6px}.tr .cell::before{display:none}
.sum{font-weight:600;border-bottom:0}.more{padding:4px 0 10px 12px;font-size:14px}.more button{display:grid;grid-template-columns:1fr auto;gap:2px 12px;width:100%;padding:6px 0}.more svg{grid-column:1/-1;width:100%;height:36px}
.note{margin-top:8px;font-size:13px;display:flex;flex-wrap:wrap;gap:4px 16px}.alert{color:var(--error-color,#db4437)}
@container (max-width:560px){.tr{display:flex;flex-wrap:wrap;gap:2px 14px}.tr>:first-child{flex-basis:100%;font-weight:500}.tr .cell::before{display:inline-block}.head>:first-child{display:none}.tr .none{display:none}}`;

class ConsumptionCard extends Card {
  style_ = STYLE;
  /** @type {typeof PERIODS[number]} */ _period = "today";
  _search = "";
  _opened = "";
  _loaded = false;
  /** @type {Record<string, import("./recorded.js").Counted>} */ _known = {};
  /** @type {Record<string, any[]>} */ _days = {};

  /** @returns {import("./consumption.js").Meter[]} */
  get meters() {
    return this.config.meters || [];
  }

  getGridOptions() {
    return { columns: "full", rows: "auto", min_columns: 6 };
  }

  async load() {
    const ids = this.meters.map(({ entity }) => entity);
    const start = startOf(Date.now(), this.writing.zone, this._period === "today" ? "day" : this._period);
    const period = this._period;
    const known = await counted(this.hass, ids, start, period === "today" ? "hour" : "day");
    if (period !== this._period) return;
    this._known = known;
    this._loaded = true;
  }

  /** @param {string} medium @param {number | null} value @param {string} [entity] */
  amount(medium, value, entity) {
    if (value === null) return DASH;
    if (medium === "heat_cost") return number(value, 0, this.writing);
    const unit = entity && this.hass.states[entity]?.attributes.unit_of_measurement;
    return VOLUMES.includes(medium) && unit !== "kWh" ? volume(value, this.writing) : energy(value, this.writing);
  }

  /** @returns {Record<string, number | null>} */
  values() {
    return Object.fromEntries(this.meters.map(({ entity }) => [entity, this._loaded ? countedNow(this.hass, { entity }, this._known) : null]));
  }

  render() {
    const { texts } = this;
    if (!this._html || this._language !== texts) {
      this._language = texts;
      this._html = "";
      this.show(`<div class="bar"><div class="tabs">${PERIODS.map((period) => `<button data-period="${period}">${texts[period]}</button>`).join("")}</div>
<input type="search" placeholder="${texts.search}" aria-label="${texts.search}" value="${escape(this._search)}"><button class="csv">${texts.csv}</button></div>
<div class="tr head"></div><div class="table"></div><div class="tr sum"></div><div class="note dim"></div>`);
      this.listen();
    }
    const values = this.values();
    const columns = Object.keys(MEDIA).filter((medium) => this.meters.some((meter) => meter.medium === medium));
    const rows = rowsOf(this.meters, this._search);
    this.at("ha-card").style.setProperty("--columns", String(columns.length));
    for (const tab of this.root.querySelectorAll("[data-period]")) tab.setAttribute("aria-pressed", String(tab.getAttribute("data-period") === this._period));
    this.put(".head", `<span>${texts.unit}</span>${columns.map((medium) => `<span style="--of:${colorOf(COLORS[medium])}">${texts[medium]}</span>`).join("")}`);
    this.put(".sum", `<span>${texts.total}</span>${columns.map((medium) => this.cell(medium, totalOf(rows.flatMap(({ meters }) => meters), medium, values), this.meters.find((meter) => meter.medium === medium)?.entity)).join("")}`);
    this.body(rows, columns, values);
    this.put(".note", this.notes());
  }

  /** @param {ReturnType<typeof rowsOf>} rows @param {string[]} columns @param {Record<string, number | null>} values */
  body(rows, columns, values) {
    const table = this.at(".table");
    const all = rows.length <= MANY;
    const first = all ? 0 : Math.max(0, Math.floor(table.scrollTop / ROW) - 10);
    const shown = all ? rows : rows.slice(first, first + 60);
    const html = shown.map(({ unit, meters }) => `<button class="tr" data-unit="${escape(unit)}"><span>${escape(unit)}</span>${columns.map((medium) => {
      const own = meters.filter((meter) => meter.medium === medium);
      return own.length ? this.cell(medium, totalOf(own, medium, values), own[0].entity) : `<span class="none"></span>`;
    }).join("")}</button>${unit === this._opened ? this.details(meters) : ""}`).join("");
    this.put(".table", rows.length ? `<div style="height:${first * ROW}px"></div>${html}<div style="height:${all ? 0 : Math.max(0, rows.length - first - 60) * ROW}px"></div>` : `<p class="dim">${this.texts.no_match}</p>`);
  }

  /** @param {string} medium @param {number | null} value @param {string} [entity] */
  cell(medium, value, entity) {
    return `<span class="cell" style="--of:${colorOf(COLORS[medium])}">${this.amount(medium, value, entity)}</span>`;
  }

  /** The meters of one unit: what they show, and the days of this month. @param {import("./consumption.js").Meter[]} meters */
  details(meters) {
    const { hass, writing } = this;
    return `<div class="more">${meters.map((meter) => {
      const billing = meter.billing && Date.parse(hass.states[meter.billing]?.state || "");
      const days = (this._days[meter.entity] || []).map(({ change }) => Math.max(0, change || 0));
      const most = Math.max(...days, 1e-9);
      const bars = days.map((value, index) => `<rect x="${(index * 100) / 31}" y="${36 - (34 * value) / most}" width="2.6" height="${(34 * value) / most}" fill="${colorOf(COLORS[meter.medium])}"/>`).join("");
      return `<button data-more="${escape(meter.entity)}"><span>${escape(meter.name || meter.unit)} <span class="dim">${escape(meter.number || "")}</span></span><b>${this.reading(meter)}</b>
${billing ? `<span class="dim">${filled(this.texts.billing, { date: day(billing, writing) })}</span>` : ""}${bars ? `<svg viewBox="0 0 100 36" preserveAspectRatio="none">${bars}</svg>` : ""}</button>`;
    }).join("")}</div>`;
  }

  /** @param {import("./consumption.js").Meter} meter */
  reading({ entity }) {
    const state = this.hass.states[entity];
    const value = valueOf(this.hass.states, entity);
    const unit = state?.attributes.unit_of_measurement;
    return value === null ? DASH : `${number(value / factorOf(unit), unit === "m³" ? 3 : 1, this.writing)}${unit ? `\u202f${escape(unit)}` : ""}`;
  }

  /** What is wrong, who has not reported, when the last report came. */
  notes() {
    const { hass, texts, writing } = this;
    const notes = [];
    const now = Date.now();
    const yesterday = startOf(startOf(now, writing.zone) - 1, writing.zone);
    const wrong = (this.config.alerts || []).filter((/** @type {string} */ id) => hass.states[id]?.state === "on");
    if (wrong.length) notes.push(`<span class="alert">${texts.alerts}: ${wrong.map((/** @type {string} */ id) => escape(hass.states[id].attributes.friendly_name || id)).join(", ")}</span>`);
    const quiet = this.meters.filter(({ entity }) => valueOf(hass.states, entity) === null || Date.parse(hass.states[this.config.reported?.[entity]]?.state || "") < yesterday).length;
    if (quiet) notes.push(`<span>${filled(texts.quiet, { count: quiet, all: this.meters.length })}</span>`);
    const last = Date.parse(hass.states[this.config.last_report]?.state || "");
    if (last) notes.push(`<span>${filled(texts.last_report, { time: since(last, now, writing) })}</span>`);
    return notes.join("");
  }

  get root() {
    return /** @type {ShadowRoot} */ (this.shadowRoot);
  }

  /** @param {string} selector @returns {HTMLElement} */
  at(selector) {
    return /** @type {HTMLElement} */ (this.root.querySelector(selector));
  }

  /** @param {string} selector @param {string} html */
  put(selector, html) {
    const place = /** @type {HTMLElement & {_html?: string}} */ (this.at(selector));
    if (place._html !== html) place.innerHTML = place._html = html;
  }

  listen() {
    const again = () => {
      this._drawn = 0;
      this.draw();
    };
    for (const tab of this.root.querySelectorAll("[data-period]")) {
      tab.addEventListener("click", () => {
        this._period = /** @type {typeof PERIODS[number]} */ (tab.getAttribute("data-period"));
        this._loaded = false;
        this._reload();
      });
    }
    this.at("input").addEventListener("input", (event) => {
      this._search = /** @type {HTMLInputElement} */ (event.target).value;
      again();
    });
    this.at(".csv").addEventListener("click", () => this.save());
    this.at(".table").addEventListener("scroll", again);
    this.at(".table").addEventListener("click", async (event) => {
      const target = /** @type {Element} */ (event.target);
      const meter = target.closest("[data-more]")?.getAttribute("data-more");
      const unit = target.closest("[data-unit]")?.getAttribute("data-unit");
      if (meter) this.open(meter);
      if (!unit) return;
      this._opened = this._opened === unit ? "" : unit;
      again();
      const ids = this.meters.filter((one) => one.unit === unit).map(({ entity }) => entity);
      this._days = { ...this._days, ...(await statistics(this.hass, ids, "day", startOf(Date.now(), this.writing.zone, "month"), ["change"])) };
      again();
    });
  }

  /** Save what is shown as a file. */
  save() {
    const values = this.values();
    const rows = rowsOf(this.meters, this._search).flatMap(({ unit, meters }) => meters.map((meter) => [
      unit, this.texts[meter.medium], meter.number, values[meter.entity], valueOf(this.hass.states, meter.entity), this.hass.states[meter.entity]?.attributes.unit_of_measurement,
    ]));
    const { unit, readings } = this.texts;
    const text = csvOf([[unit, "", "", this.texts[this._period], readings, ""], ...rows]);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
    link.download = `hausstrom-${new Date().toISOString().slice(0, 10)}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

define("hausstrom-consumption-card", ConsumptionCard);
