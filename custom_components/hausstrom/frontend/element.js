/** What our cards have in common: a shadow root, one rendering per second at most, values asked for now and again. */

import { writingOf } from "./numbers.js";
import { textsOf } from "./texts.js";

/** One colour per role, everywhere: the theme's where it has one. @type {Record<string, [string, string]>} */
const COLORS = {
  solar: ["--energy-solar-color", "#ff9800"], import: ["--energy-grid-consumption-color", "#488fc2"], export: ["--energy-grid-return-color", "#8353d1"],
  charging: ["--energy-battery-in-color", "#f06292"], discharging: ["--energy-battery-out-color", "#4db6ac"],
  house: ["--hausstrom-house-color", "#607d8b"], ev: ["--hausstrom-ev-color", "#43a047"], heat_pump: ["--hausstrom-heat-pump-color", "#f4511e"], generator: ["--hausstrom-generator-color", "#8d6e63"],
  cold: ["--hausstrom-cold-color", "#1e88e5"], warm: ["--hausstrom-warm-color", "#e53935"], heat: ["--hausstrom-heat-color", "#f4511e"],
};

/** @param {string} role */
export const hexOf = (role) => COLORS[role][1];
/** @param {string} role */
export const colorOf = (role) => `var(${COLORS[role].join(", ")})`;

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** Names of devices are text, whatever they hold. @param {unknown} text */
export const escape = (text) => String(text).replace(/[&<>"]/g, (one) => ENTITIES[one]);

/** Entities as a user writes them: one, a list, or parts. @param {any} value @returns {import("./home.js").Part[]} */
export const partsIn = (value) =>
  (Array.isArray(value) ? value : value ? [value] : []).map((one) => (typeof one === "string" ? { entity: one } : one));

/**
 * Ask Home Assistant; undefined where it has no answer.
 * @param {Hass} hass
 * @param {Record<string, unknown>} message
 * @returns {Promise<any>}
 */
export const ask = (hass, message) => hass.callWS(message).catch(() => undefined);

const STYLE = `:host{display:block;height:100%}ha-card{height:100%;box-sizing:border-box;padding:12px;overflow:hidden;font-variant-numeric:tabular-nums;
color:var(--primary-text-color)}.dim{color:var(--secondary-text-color)}button{font:inherit;color:inherit;background:none;border:0;padding:0;margin:0;text-align:start;cursor:pointer}
button:focus-visible,[role=button]:focus-visible{outline:2px solid var(--primary-color);outline-offset:2px;border-radius:8px}`;

/** A card. `render` draws what is known; `load` asks for what states do not tell, every `every` ms. */
export class Card extends HTMLElement {
  every = 300_000;
  style_ = "";
  /** @type {Record<string, any>} */ config = {};
  /** @type {Hass | undefined} */ _hass;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ _due;
  /** @type {ReturnType<typeof setInterval> | undefined} */ _timer;
  _drawn = 0;
  _html = "";

  /** @param {Record<string, any>} config */
  setConfig(config) {
    this.config = config;
    this._html = "";
    if (this._hass && this.isConnected) this._reload();
  }

  /** @param {Hass} hass */
  set hass(hass) {
    const first = !this._hass;
    this._hass = hass;
    if (first && this.isConnected) this._reload();
    this.draw();
  }

  get hass() {
    return /** @type {Hass} */ (this._hass);
  }

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    this._timer = setInterval(() => document.hidden || this._reload(), this.every);
    if (this._hass) this._reload();
    this.draw();
  }

  disconnectedCallback() {
    clearInterval(this._timer);
    clearTimeout(this._due);
    this._due = undefined;
  }

  getCardSize() {
    return 5;
  }

  /** @returns {Record<string, number | string>} */
  getGridOptions() {
    return { columns: 12, rows: "auto", min_columns: 6 };
  }

  get texts() {
    return textsOf(this.hass.locale?.language || this.hass.language);
  }

  get writing() {
    return writingOf(this.hass);
  }

  /** Draw soon, and not more than once a second. */
  draw() {
    if (this._due || !this._hass || !this.isConnected) return;
    this._due = setTimeout(() => {
      this._due = undefined;
      this._drawn = Date.now();
      if (this.isConnected) this.render();
    }, Math.max(0, this._drawn + 1000 - Date.now()));
  }

  async _reload() {
    await this.load();
    this._drawn = 0;
    this.draw();
  }

  async load() {}

  render() {}

  /**
   * Put HTML into the card, if it is another than before; tell whether.
   * @param {string} html
   */
  show(html) {
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    if (html === this._html) return false;
    this._html = html;
    root.innerHTML = `<style>${STYLE}${this.style_}</style><ha-card>${html}</ha-card>`;
    for (const button of root.querySelectorAll("[data-entity]")) {
      button.addEventListener("click", () => this.open(button.getAttribute("data-entity")));
    }
    return true;
  }

  /**
   * Show what Home Assistant knows of an entity.
   * @param {string | null | undefined} entity
   */
  open(entity) {
    if (entity) this.dispatchEvent(new CustomEvent("hass-more-info", { bubbles: true, composed: true, detail: { entityId: entity } }));
  }
}

/**
 * @param {string} name
 * @param {CustomElementConstructor} element
 */
export function define(name, element) {
  // A page that was open while Hausstrom was updated has the elements of the version before.
  if (!customElements.get(name)) customElements.define(name, element);
}
