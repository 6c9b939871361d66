/** What our cards have in common: a shadow root, one drawing per second at most, questions asked now and again. */

import { wordOf } from "./moment.js";
import { power, writingOf } from "./numbers.js";
import { loadTexts, textsOf } from "./texts.js";

/** One colour per role, everywhere: the theme's where it has one. */
const COLORS = {
	solar: ["energy-solar", "#ff9800"], import: ["energy-grid-consumption", "#488fc2"], export: ["energy-grid-return", "#8353d1"],
	charging: ["energy-battery-in", "#f06292"], discharging: ["energy-battery-out", "#4db6ac"], house: ["hausstrom-house", "#607d8b"],
	ev: ["hausstrom-ev", "#43a047"], heat_pump: ["hausstrom-heat-pump", "#f4511e"], generator: ["hausstrom-generator", "#8d6e63"],
	cold: ["hausstrom-cold", "#1e88e5"], warm: ["hausstrom-warm", "#e53935"], heat: ["hausstrom-heat", "#f4511e"],
};
/** Return the colour of one of several that play a role: they are told apart, and are of one kind. */
export const shadeOf = (role, number) =>
	`#${COLORS[role][1].match(/\w\w/g).map((part) => Math.round(parseInt(part, 16) * 0.62 ** number).toString(16).padStart(2, "0")).join("")}`;
export const colorOf = (role) => `var(--${COLORS[role][0]}-color, ${COLORS[role][1]})`;

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** Names of devices are text, whatever they hold. */
export const escape = (text) => String(text ?? "").replace(/[&<>"]/g, (one) => ENTITIES[one]);

/** Return parts of what a user wrote: an entity, a list of them, or parts. */
export const partsIn = (value) => [value ?? []].flat().map((one) => (typeof one === "string" ? { entity: one } : one));

/** Ask Home Assistant; undefined where it has no answer. */
export const ask = (hass, message) => hass.callWS(message).catch(() => undefined);

const STYLE = `:host{display:block;container-type:inline-size}ha-card{padding:12px;overflow:hidden;font-variant-numeric:tabular-nums}.dim{color:var(--secondary-text-color)}
button{font:inherit;font-size:14px;color:inherit;background:none;border:0;padding:0;text-align:start;cursor:pointer}
button:focus-visible,[role=button]:focus-visible{outline:2px solid var(--primary-color)}`;

/** A card. `render` draws what is known; `load` asks for what states do not tell, every `every` ms. */
export class Card extends HTMLElement {
	every = 300_000;
	style_ = "";
	config = {};
	_hass = null;
	_due = null;
	_timer = null;
	_drawn = 0;
	_html = "";

	setConfig(config) {
		this.config = config;
		if (this._hass && this.isConnected) this.reload();
	}

	set hass(hass) {
		const first = !this._hass;
		this._hass = hass;
		if (first && this.isConnected) this.reload();
		this.draw();
	}

	get hass() {
		return this._hass;
	}

	connectedCallback() {
		if (!this.shadowRoot) this.attachShadow({ mode: "open" });
		this._timer = setInterval(() => document.hidden || this.reload(), this.every);
		if (this._hass) this.reload();
		this.draw();
	}

	disconnectedCallback() {
		clearInterval(this._timer);
		clearTimeout(this._due);
		this._due = null;
	}

	getCardSize() {
		return 5;
	}

	/** @returns {Record<string, number | string>} */
	getGridOptions() {
		return { columns: 12, rows: "auto", min_columns: 6 };
	}

	get texts() {
		return textsOf(this.hass);
	}

	get writing() {
		return writingOf(this.hass);
	}

	/** Say what a role does: its direction in a word, and how much. */
	said(role, watts) {
		const word = wordOf(role, watts);
		return [this.texts[word], word !== "idle" && power(watts, this.writing)].filter(Boolean).join(" ");
	}

	/** Draw soon, and not more than once a second; at once after what a person did. */
	draw(now = false) {
		if (now) {
			clearTimeout(this._due);
			this._due = null;
			this._drawn = 0;
		}
		if (this._due || !this._hass || !this.isConnected) return;
		this._due = setTimeout(() => {
			this._due = null;
			this._drawn = Date.now();
			if (this.texts) this.render();
			else this.reload();
		}, Math.max(0, this._drawn + 1000 - Date.now()));
	}

	async reload() {
		if (!(await loadTexts(this.hass))) return;
		await this.load();
		this.draw(true);
	}

	async load() {}

	render() {}

	/** Put HTML into the card, if it is another than before; tell whether. */
	show(html) {
		if (html === this._html) return false;
		this._html = html;
		this.shadowRoot.innerHTML = `<style>${STYLE}${this.style_}</style><ha-card>${html}</ha-card>`;
		this.listenTo("[data-entity]", (element) => this.open(element.dataset.entity));
		return true;
	}

	at(selector) {
		return this.shadowRoot.querySelector(selector);
	}

	all(selector) {
		return [...this.shadowRoot.querySelectorAll(selector)];
	}

	listenTo(selector, tap) {
		for (const element of this.all(selector)) element.addEventListener("click", () => tap(element));
	}

	/** Put HTML into a part of the card, if it is another than before; tell whether. */
	put(selector, html) {
		const place = this.at(selector);
		if (!place || place.html_ === html) return false;
		place.innerHTML = place.html_ = html;
		return true;
	}

	/** Show what Home Assistant knows of an entity. */
	open(entityId) {
		if (entityId) this.dispatchEvent(new CustomEvent("hass-more-info", { bubbles: true, composed: true, detail: { entityId } }));
	}
}

/** Register an element; a page that was open during an update has the one of the version before. */
export const define = (name, element) => customElements.get(name) || customElements.define(name, element);
