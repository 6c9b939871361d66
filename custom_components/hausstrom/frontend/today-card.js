/** Today in numbers: how much of its own power the home used, what flowed, what it cost and saved. */

import { Card, ask, colorOf, define, escape, partsIn } from "./element.js";
import { momentOf, sumOf, total, valueOf } from "./moment.js";
import { HOUR, energy, money, percent, startOf } from "./numbers.js";
import { counted, countedNow, history, meansOf } from "./recorded.js";
import { consumedOf, flowed, moneyOf, sharesOf } from "./today.js";

/** What there is to count: its letter, its colour, and the power (and side of zero) to take where nothing counts. */
const COUNTED = {
	produced: ["P", "solar", "solar", "above"], consumed: ["H", "house"], imported: ["I", "import", "grid", "above"], exported: ["E", "export", "grid", "below"],
	charged: ["C", "charging", "battery", "below"], discharged: ["D", "discharging", "battery", "above"], driven: ["V", "ev", "ev", "above"],
};
const NAMES = Object.keys(COUNTED);
const roleOf = (what) => COUNTED[what][2] || "house";
/** A counter is written once a minute (ms, with a little to spare). */
const PACE = 70_000;

class TodayCard extends Card {
	style_ = `.share{display:grid;grid-template-columns:1fr auto;gap:2px 8px;align-items:baseline;margin-bottom:12px}.share b{font-size:22px}b{font-weight:600}
.share i{grid-column:1/-1;height:8px;border-radius:4px;background:linear-gradient(var(--of) 0 0) 0/var(--to) 100% no-repeat var(--divider-color,#8883)}
.grid{display:grid;grid-template-columns:repeat(2,1fr);gap:6px 12px}@container (min-width:270px){.grid{grid-template-columns:repeat(3,1fr)}}.grid button{border-inline-start:3px solid var(--of);padding:3px 0 3px 8px}
.grid span{display:block;font-size:13px}.grid b{font-size:16px;white-space:nowrap}.money{display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:12px;font-size:14px}.money b{font-size:18px;color:var(--primary-text-color);margin-inline-start:6px}.hint{margin-top:12px;text-decoration:underline}`;
	_known = null;
	_means = {};
	/** @type {Record<string, {time: number, value: number | null}[]>} */
	_samples = {};
	_grid = null;
	_prices = {};

	parts(role) {
		return partsIn(this.config[role]);
	}

	async load() {
		const midnight = startOf(Date.now(), this.writing.zone);
		const powers = [...new Set(NAMES.filter((what) => !this.parts(what).length).map((what) => COUNTED[what][2]))].filter((role) => role && this.parts(role).length);
		const [known, preferences, ...means] = await Promise.all([
			counted(this.hass, NAMES.flatMap((what) => this.parts(what)).map(({ entity }) => entity), midnight),
			ask(this.hass, { type: "energy/get_prefs" }),
			...powers.map((role) => meansOf(this.hass, this.parts(role), midnight)),
		]);
		const grids = (preferences?.energy_sources || []).filter(({ type }) => type === "grid");
		this._grid = grids.find(({ stat_energy_from: id }) => this.parts("imported").some(({ entity }) => entity === id)) || grids[0];
		const { entity_energy_price: bought, entity_energy_price_export: sold } = this._grid || {};
		this._prices = await history(this.hass, [bought, sold].filter(Boolean), midnight);
		this._means = Object.fromEntries(powers.map((role, number) => [role, means[number]]));
		const young = [...new Set(NAMES.filter((what) => this.isYoung(what, known)).map(roleOf))].filter((role) => this.parts(role).length === 1);
		const past = await history(this.hass, young.map((role) => this.parts(role)[0].entity), Date.now() - PACE);
		this._samples = Object.fromEntries(young.map((role) => {
			const { entity, invert } = this.parts(role)[0];
			return [role, (past[entity] || []).map(({ time, value }) => ({ time, value: invert && value !== null ? -value : value }))];
		}));
		this._known = known;
	}

	/** Whether a kind has one counter, and that has no statistics yet. */
	isYoung(what, known) {
		const [part, ...more] = this.parts(what);
		return part && !more.length && !part.daily && !known[part.entity]?.hours.length;
	}

	/** What flowed since the counter of a home of the first hour was written: 0 where statistics say enough. */
	rest(what) {
		const samples = this._samples[roleOf(what)];
		if (!samples || !this.isYoung(what, this._known)) return 0;
		const now = Date.now();
		const written = Date.parse(this.hass.states[this.parts(what)[0].entity]?.last_updated);
		return flowed(samples, Math.max(written || now, now - PACE), now, COUNTED[what][3] === "below" ? -1 : 1);
	}

	/** What a kind amounts to by now: [kWh or null, whether about]; undefined: there is no such. */
	amount(what) {
		const parts = this.parts(what);
		const [, , role, side] = COUNTED[what];
		if (parts.length) {
			const value = this._known && total(parts.map((part) => countedNow(this.hass, part, this._known)));
			return [value === null ? null : value + this.rest(what), false];
		}
		return this._means[role] && [this._means[role][side], true];
	}

	render() {
		const { texts, writing } = this;
		for (const [role, samples] of Object.entries(this._samples)) {
			const value = sumOf(this.hass.states, this.parts(role));
			if (samples.at(-1)?.value !== value) samples.push({ time: Date.now(), value });
		}
		const found = Object.fromEntries(NAMES.map((what) => [what, this.amount(what)]));
		const [P, I, E, C, D] = ["produced", "imported", "exported", "charged", "discharged"].map((what) => found[what]?.[0] ?? null);
		const roles = Object.fromEntries(["solar", "grid", "battery", "house"].map((role) => [role, this.parts(role)]).filter(([, parts]) => parts.length));
		const sources = roles.solar || roles.battery || found.produced;
		// Without one of its terms the rest is no consumption.
		const whole = this._known && NAMES.every((what) => what === "consumed" || what === "driven" || found[what]?.[0] !== null);
		const house = sources && whole ? consumedOf({ P, I, E, C, D }, found.consumed?.[0] ?? null) : null;
		if (sources) found.consumed = [house, Boolean(found.produced?.[1])];
		const now = momentOf(roles, this.hass.states);
		const side = (sign) => (now.grid === null ? null : Math.max(0, sign * now.grid));
		const shares = sharesOf({ P, I, E }, house, { I: side(1), E: side(-1), H: now.house, P: now.solar });
		const rows = NAMES.filter((what) => found[what]).map((what) => {
			const [value, about] = found[what];
			return `<button data-entity="${escape(this.parts(what)[0]?.entity)}" style="--of:${colorOf(COUNTED[what][1])}"><span class="dim">${texts[what]}</span><b>${about && value !== null ? "≈ " : ""}${energy(value, writing)}</b></button>`;
		});
		const share = (name, color) =>
			`<div class="share" style="--of:${colorOf(color)};--to:${shares[name] ?? 0}%"><span>${texts[name]}</span><b>${percent(shares[name], writing)}</b><i></i></div>`;
		const shown = this.show(`${sources ? share("self_sufficiency", "discharging") : ""}${roles.solar || found.produced ? share("self_consumption", "solar") : ""}<div class="grid">${rows.join("")}</div>
${this._known && I !== null ? this.purse({ I, E: E || 0, H: house }) : ""}`);
		if (shown) this.listenTo(".hint", () => {
			window.history.pushState(null, "", "/config/energy");
			window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
		});
	}

	/** What the day cost and saved, if the user entered prices. */
	purse(whole) {
		const { texts, _grid: grid } = this;
		if (!grid) return "";
		if ([grid.number_energy_price, grid.entity_energy_price].every((price) => price === null || price === undefined)) {
			return this.hass.user?.is_admin ? `<button class="hint dim">${texts.price_hint}</button>` : "";
		}
		const { cost, saved } = moneyOf(this.rows(whole, grid));
		return `<div class="money">${[["saved", saved], ["cost", cost]].map(([name, value]) => `<span class="dim">${texts[name]}<b>${money(value, this.writing)}</b></span>`).join("")}</div>`;
	}

	/** The day in rows that have one price each: one, or the hours and what came after them. */
	rows(whole, grid) {
		const prices = (hour) => ({
			import: this.price(grid.entity_energy_price, grid.number_energy_price, hour), export: this.price(grid.entity_energy_price_export, grid.number_energy_price_export, hour),
		});
		const hours = new Map();
		for (const what of grid.entity_energy_price || grid.entity_energy_price_export ? NAMES : []) {
			for (const { start, change } of this.parts(what).flatMap(({ entity }) => this._known[entity]?.hours || [])) {
				const hour = hours.get(start) || { P: null, I: 0, E: 0, C: 0, D: 0, H: null };
				hour[COUNTED[what][0]] += change || 0;
				hours.set(start, hour);
			}
		}
		const rows = [...hours].map(([start, hour]) => ({ ...hour, H: consumedOf(hour, hour.H), ...prices(start) }));
		const rest = (letter) => Math.max(0, (whole[letter] ?? whole.I) - rows.reduce((sum, row) => sum + row[letter], 0));
		return [...rows, { I: rest("I"), E: rest("E"), H: rest("H"), ...prices() }];
	}

	/** The price of an hour (ms), or that of now. */
	price(entity, fixed, hour = undefined) {
		if (!entity) return fixed;
		if (hour === undefined) return valueOf(this.hass.states, entity);
		const known = (this._prices[entity] || []).filter(({ value }) => value !== null);
		const first = known.findLast(({ time }) => time <= hour) || known[0];
		const steps = [{ ...first, time: hour }, ...known.filter(({ time }) => time > hour && time < hour + HOUR)];
		return first && steps.reduce((sum, { value, time }, number) => sum + value * ((steps[number + 1]?.time ?? hour + HOUR) - time), 0) / HOUR;
	}
}

define("hausstrom-today-card", TodayCard);
