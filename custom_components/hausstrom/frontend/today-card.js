/** Today in numbers: how much of its own power the home used, what flowed, what it cost and saved. */

import { Card, ask, colorOf, define, escape, partsIn } from "./element.js";
import { ENERGIES, ROLES } from "./home.js";
import { momentOf, valueOf } from "./moment.js";
import { energy, money, percent, startOf } from "./numbers.js";
import { counted, countedNow, history, meansOf } from "./recorded.js";
import { consumedOf, moneyOf, sharesOf } from "./today.js";

/** @typedef {import("./home.js").Part} Part */

/** What there is to count, its letter, its colour, the power it comes from where nothing counts it. */
const KINDS = /** @type {const} */ ([
  ["produced", "P", "solar", "solar"], ["consumed", "H", "house", ""], ["imported", "I", "import", "grid"],
  ["exported", "E", "export", "grid"], ["charged", "C", "charging", "battery"], ["discharged", "D", "discharging", "battery"],
  ["driven", "", "ev", "ev"],
]);
const BELOW = ["exported", "charged"];

const STYLE = `.share{display:grid;grid-template-columns:1fr auto;gap:2px 8px;align-items:baseline;margin-bottom:12px}.share b{font-size:22px;font-weight:600}
.share i{grid-column:1/-1;height:8px;border-radius:4px;background:var(--divider-color,#8883);overflow:hidden}.share i::after{content:"";display:block;height:100%;width:var(--to);
background:var(--of);border-radius:4px;transition:width .6s}.grid{display:grid;grid-template-columns:1fr 1fr;gap:4px 20px}.row{display:flex;justify-content:space-between;align-items:baseline;
gap:8px;width:100%;padding:5px 0;font-size:14px;border-bottom:1px solid var(--divider-color,#8883)}.row span:first-child::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;
background:var(--of);margin-inline-end:7px}.row b{font-weight:500;white-space:nowrap}.money{display:flex;gap:20px;margin-top:12px;font-size:14px}.money b{font-size:18px;font-weight:600;margin-inline-start:6px}
.hint{display:block;margin-top:12px;font-size:13px;text-decoration:underline}@container (max-width:300px){.grid{grid-template-columns:1fr}}:host{container-type:inline-size}`;

class TodayCard extends Card {
  style_ = STYLE;
  /** @type {Record<string, import("./recorded.js").Counted>} */ _known = {};
  /** @type {Record<string, {above: number, below: number}>} */ _means = {};
  /** @type {any} */ _price = null;
  _loaded = false;
  _priced = false;

  /** @param {string} role @returns {Part[]} */
  parts(role) {
    return partsIn(this.config[role]);
  }

  /** The roles of powers that this card was given. */
  get roles() {
    return Object.fromEntries(Object.keys(ROLES).map((role) => [role, this.parts(role)]).filter(([, parts]) => parts.length));
  }

  async load() {
    const hass = this.hass;
    const midnight = startOf(Date.now(), this.writing.zone);
    const counters = Object.keys(ENERGIES).flatMap((what) => this.parts(what)).map(({ entity }) => entity);
    const powers = KINDS.flatMap(([what, , , role]) => (role && !this.parts(what).length && this.parts(role).length ? [role] : []));
    const [known, preferences, ...means] = await Promise.all([
      counted(hass, counters, midnight),
      ask(hass, { type: "energy/get_prefs" }),
      ...[...new Set(powers)].map((role) => meansOf(hass, this.parts(role), midnight)),
    ]);
    this._known = known;
    this._means = Object.fromEntries([...new Set(powers)].map((role, number) => [role, means[number]]));
    this._price = await this.prices(preferences, midnight);
    this._loaded = true;
  }

  /** What the user entered as prices: fixed, or an entity and what it showed. @param {any} preferences @param {number} midnight */
  async prices(preferences, midnight) {
    const grids = (preferences?.energy_sources || []).filter((/** @type {any} */ { type }) => type === "grid");
    const ours = this.parts("imported").map(({ entity }) => entity);
    this._priced = grids.some((/** @type {any} */ one) => [one.number_energy_price, one.entity_energy_price, one.stat_cost].some((value) => value !== null && value !== undefined));
    this._source = Boolean(grids.length);
    const grid = grids.find((/** @type {any} */ one) => ours.includes(one.stat_energy_from)) || grids[0];
    if (!grid) return null;
    const entities = [grid.entity_energy_price, grid.entity_energy_price_export].filter(Boolean);
    const past = await history(this.hass, entities, midnight);
    /** @param {string | null} entity @param {number | null} fixed */
    const price = (entity, fixed) => (entity ? { entity, past: past[entity] || [] } : typeof fixed === "number" ? { fixed } : null);
    return { import: price(grid.entity_energy_price, grid.number_energy_price), export: price(grid.entity_energy_price_export, grid.number_energy_price_export) };
  }

  /** What each kind amounts to by now: kWh, null where there is none or nothing known. */
  energies() {
    /** @type {Record<string, {value: number | null, about: boolean}>} */
    const found = {};
    for (const [what, , , role] of KINDS) {
      const parts = this.parts(what);
      const means = this._means[role];
      const values = parts.map((part) => countedNow(this.hass, part, this._known));
      if (parts.length) found[what] = { value: values.some((one) => one === null) ? null : values.reduce((sum, one) => Number(sum) + Number(one), 0), about: false };
      else if (means && role) found[what] = { value: BELOW.includes(what) ? means.below : means.above, about: true };
    }
    return found;
  }

  render() {
    const { texts, writing } = this;
    const found = this._loaded ? this.energies() : {};
    /** @param {string} what */
    const of = (what) => found[what]?.value ?? null;
    const kwh = { P: of("produced"), I: of("imported"), E: of("exported"), C: of("charged"), D: of("discharged") };
    const sources = ["produced", "charged"].some((what) => this.parts(what).length) || ["solar", "battery"].some((role) => this.parts(role).length);
    const missing = KINDS.some(([what, , , role]) => (this.parts(what).length || (role && this._means[role])) && what !== "consumed" && what !== "driven" && of(what) === null);
    const house = sources && this._loaded ? consumedOf(missing ? { P: null, I: null, E: null, C: null, D: null } : kwh, of("consumed")) : null;
    const now = momentOf(this.roles, this.hass.states);
    const shares = sharesOf(kwh, house, {
      I: now.grid === null ? null : Math.max(0, now.grid), E: now.grid === null ? null : Math.max(0, -now.grid), H: now.house, P: now.solar,
    });
    const rows = KINDS.filter(([what]) => found[what] || (what === "consumed" && sources && this._loaded) || (!this._loaded && this.parts(what).length)).map(([what, , color]) => {
      const { value, about } = what === "consumed" ? { value: house, about: Boolean(found.produced?.about) } : found[what] || { value: null, about: false };
      const entity = this.parts(what)[0]?.entity || "";
      return `<button class="row" ${entity ? `data-entity="${escape(entity)}"` : ""} style="--of:${colorOf(color)}"><span>${texts[what]}</span><b>${about && value !== null ? "≈ " : ""}${energy(value, writing)}</b></button>`;
    });
    const solar = this.parts("produced").length || this.parts("solar").length;
    this.show(`${sources ? this.share("self_sufficiency", shares.self_sufficiency, "discharging") : ""}${solar ? this.share("self_consumption", shares.self_consumption, "solar") : ""}
<div class="grid">${rows.join("")}</div>${this.purse(kwh, house)}`);
    /** @type {ShadowRoot} */ (this.shadowRoot).querySelector(".hint")?.addEventListener("click", () => {
      goTo("/config/energy");
    });
  }

  /** @param {string} name @param {number | null} value @param {string} color */
  share(name, value, color) {
    return `<div class="share" style="--of:${colorOf(color)};--to:${value ?? 0}%"><span>${this.texts[name]}</span><b>${percent(value, this.writing)}</b><i></i></div>`;
  }

  /** @param {Record<string, number | null>} kwh @param {number | null} house */
  purse(kwh, house) {
    if (!this._loaded) return "";
    if (!this._priced) return this._source && this.hass.user?.is_admin ? `<button class="hint dim">${this.texts.price_hint}</button>` : "";
    if (!this._price || kwh.I === null) return "";
    const { cost, income, saved } = moneyOf(this.rows(kwh, house));
    const shown = [[this.texts.saved, saved], [this.texts.cost, cost], [this.texts.exported, saved === null ? income : null]].filter(([, value]) => value !== null);
    return shown.length ? `<div class="money">${shown.map(([name, value]) => `<span><span class="dim">${name}</span><b>${money(Number(value), this.writing)}</b></span>`).join("")}</div>` : "";
  }

  /** The day in pieces that have one price each. @param {Record<string, number | null>} kwh @param {number | null} house */
  rows(kwh, house) {
    const whole = { I: kwh.I || 0, E: kwh.E || 0, H: house };
    if (!this._price.import?.entity && !this._price.export?.entity) return [{ ...whole, import: this._price.import?.fixed, export: this._price.export?.fixed }];
    /** @type {Map<number, Record<string, number>>} */
    const hours = new Map();
    for (const [what, letter] of KINDS) {
      for (const { entity } of letter ? this.parts(what) : []) {
        for (const { start, change } of this._known[entity]?.hours || []) {
          const hour = hours.get(start) || {};
          hour[letter] = (hour[letter] || 0) + (change || 0);
          hours.set(start, hour);
        }
      }
    }
    const rows = [...hours].map(([start, hour]) => ({
      I: hour.I || 0, E: hour.E || 0, H: hour.H ?? Math.max(0, (hour.P || 0) + (hour.I || 0) + (hour.D || 0) - (hour.E || 0) - (hour.C || 0)),
      import: this.priceAt(this._price.import, start), export: this.priceAt(this._price.export, start),
    }));
    /** @param {"I" | "E" | "H"} letter */
    const rest = (letter) => Math.max(0, (whole[letter] || 0) - rows.reduce((sum, row) => sum + row[letter], 0));
    return [...rows, { I: rest("I"), E: rest("E"), H: rest("H"), import: this.priceAt(this._price.import), export: this.priceAt(this._price.export) }];
  }

  /** The mean of an hour, or what is valid now. @param {any} price @param {number} [start] */
  priceAt(price, start) {
    if (!price || !price.entity) return price?.fixed ?? null;
    if (start === undefined) return valueOf(this.hass.states, price.entity);
    const known = price.past.filter((/** @type {any} */ { value }) => value !== null);
    const before = known.filter((/** @type {any} */ { time }) => time <= start).at(-1) || known[0];
    const within = known.filter((/** @type {any} */ { time }) => time > start && time < start + 3_600_000);
    const steps = [{ time: start, value: before?.value }, ...within];
    if (before === undefined) return null;
    return steps.reduce((sum, step, number) => sum + step.value * ((steps[number + 1]?.time ?? start + 3_600_000) - step.time), 0) / 3_600_000;
  }
}

/** @param {string} path */
function goTo(path) {
  window.history.pushState(null, "", path);
  window.dispatchEvent(new CustomEvent("location-changed", { bubbles: true, composed: true, detail: { replace: false } }));
}

define("hausstrom-today-card", TodayCard);
