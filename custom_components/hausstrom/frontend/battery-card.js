/** The battery: how full, what it does, when it is full or until when it lasts. */

import { lineOf, meanOf, steady } from "./battery.js";
import { Card, ask, colorOf, define, escape, partsIn } from "./element.js";
import { DOMAIN } from "./home.js";
import { sumOf, valueOf, wordOf } from "./moment.js";
import { clock, energy, percent, power } from "./numbers.js";
import { history } from "./recorded.js";
import { filled } from "./texts.js";

const STYLE = `.battery{display:grid;grid-template-columns:auto 1fr;gap:4px 14px;align-items:center;width:100%}.shape{grid-row:span 2;position:relative;width:74px;height:40px;border:3px solid var(--of);border-radius:9px;
padding:3px;box-sizing:border-box;margin-inline-end:6px}.shape::before{content:"";position:absolute;inset-inline-end:-9px;top:10px;width:5px;height:14px;background:var(--of);border-radius:0 3px 3px 0}
.shape i{display:block;height:100%;width:var(--to);min-width:2px;background:var(--of);border-radius:4px;transition:width .6s}.top{display:flex;justify-content:space-between;align-items:baseline;gap:8px;flex-wrap:wrap}
.top b{font-size:24px;font-weight:600}.line{font-size:14px}.name{font-size:13px;grid-column:1/-1}.battery+.battery,.shaving{margin-top:12px}.shaving{display:block;font-size:14px}`;

/** @typedef {{level?: string, power: import("./home.js").Part[], name?: string, reserve?: string, capacity?: string | number, health?: string[], charge_capacity?: string, voltage?: string, time_to_go?: string}} Source */

class BatteryCard extends Card {
  every = 900_000;
  style_ = STYLE;
  /** @type {Map<Source, {time: number, value: number | null}[]>} */ _samples = new Map();
  /** @type {Map<Source, import("./battery.js").Line | null>} */ _lines = new Map();
  /** @type {{time: number, level: number}[] | undefined} */ _plan;

  /** @returns {Source[]} */
  get batteries() {
    if (!this._batteries || this._of !== this.config) {
      this._of = this.config;
      const list = this.config.batteries || [this.config];
      this._batteries = list.map((/** @type {any} */ one) => ({ ...one, power: partsIn(one.power), health: [one.health].flat().filter(Boolean) }));
    }
    return this._batteries;
  }

  getCardSize() {
    return 2 * this.batteries.length;
  }

  async load() {
    const { hass, batteries } = this;
    const ids = batteries.flatMap(({ power: parts }) => parts.map(({ entity }) => entity));
    const past = await history(hass, ids, Date.now() - 900_000);
    for (const battery of batteries) {
      const [first, ...more] = battery.power;
      // Two powers of one battery are rare; their means add up well enough from what the page sees.
      if (first && !more.length) this._samples.set(battery, (past[first.entity] || []).map(({ time, value }) => ({ time, value: value === null ? null : first.invert ? value : -value })));
    }
    const planned = this.config.plan && (await ask(hass, {
      type: "call_service", domain: DOMAIN, service: "get_peak_shaving_plan", service_data: { config_entry_id: this.config.plan }, return_response: true,
    }));
    this._plan = planned?.response?.series?.filter((/** @type {any} */ row) => typeof row.level === "number").map((/** @type {any} */ row) => ({ time: Date.parse(row.time), level: row.level }));
  }

  render() {
    this.show(this.batteries.map((battery) => this.one(battery)).join("") + this.shaving());
  }

  /** kWh: what was built in, and how much of it is left; from ampere hours where only those are known. @param {Source} battery */
  capacity({ capacity, health, charge_capacity, voltage }) {
    const { states } = this.hass;
    const design = typeof capacity === "number" ? capacity : valueOf(states, capacity);
    const left = (health || []).map((id) => valueOf(states, id)).filter((value) => value !== null);
    if (design) return design * (left.length ? left.reduce((sum, value) => sum + Number(value), 0) / left.length / 100 : 1);
    const [charge, volts] = [valueOf(states, charge_capacity), valueOf(states, voltage)];
    return charge && volts ? (charge * volts) / 1000 : null;
  }

  /** @param {Source} battery */
  one(battery) {
    const { hass, texts, writing } = this;
    const now = Date.now();
    const level = valueOf(hass.states, battery.level);
    const watts = sumOf(hass.states, battery.power);
    const samples = this._samples.get(battery) || [];
    const charging = watts === null ? null : -watts;
    if (samples.at(-1)?.value !== charging) samples.push({ time: now, value: charging });
    this._samples.set(battery, samples.filter((one, number) => one.time > now - 900_000 || number === samples.length - 1 || samples[number + 1].time > now - 900_000));
    const capacity = this.capacity(battery);
    const line = lineOf({
      now, level, capacity, reserve: valueOf(hass.states, battery.reserve), power: charging === null ? null : meanOf(samples, now),
      time_to_go: valueOf(hass.states, battery.time_to_go), plan: this.batteries.length === 1 ? this._plan : undefined,
    });
    const kept = steady(this._lines.get(battery) || null, line);
    this._lines.set(battery, kept);
    const word = wordOf("battery", watts);
    const said = [
      kept && filled(texts[kept.text], { time: "at" in kept ? clock(kept.at, writing) : "", level: percent(valueOf(hass.states, battery.reserve), writing) }),
      level !== null && capacity ? filled(texts.of_capacity, { stored: energy((level * capacity) / 100, writing), capacity: energy(capacity, writing) }) : "",
    ].filter(Boolean);
    const color = colorOf(word === "charging" ? "charging" : "discharging");
    return `<button class="battery" data-entity="${escape(battery.level || battery.power[0]?.entity || "")}" style="--of:${color};--to:${level ?? 0}%">
${this.batteries.length > 1 ? `<span class="name dim">${escape(battery.name || "")}</span>` : ""}<span class="shape"><i></i></span>
<span class="top"><b>${percent(level, writing)}</b><span>${word ? texts[word] : ""} ${word === "idle" ? "" : power(watts, writing)}</span></span>
<span class="line dim">${said.join(" · ") || (level === null ? texts.waiting : "")}</span></button>`;
  }

  shaving() {
    const { peak_shaving_mode: mode, peak_shaving_capacity_limit: limit, peak_shaving_end_time: end } = this.config;
    const { states } = this.hass;
    const state = mode && states[mode]?.state;
    if (state !== "manual" && state !== "auto") return "";
    const level = valueOf(states, limit);
    const time = /^(\d\d):(\d\d)/.exec(states[end]?.state || "");
    const until = time && clock(new Date(2026, 0, 1, Number(time[1]), Number(time[2])).getTime(), { ...this.writing, zone: undefined });
    if (state === "manual" && (level === null || !until)) return "";
    const text = state === "auto" ? this.texts.peak_shaving_auto : filled(this.texts.peak_shaving_line, { limit: percent(level, this.writing), time: until || "" });
    return `<button class="shaving" data-entity="${escape(mode)}">${text}</button>`;
  }
}

define("hausstrom-battery-card", BatteryCard);
