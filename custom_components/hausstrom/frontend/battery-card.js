/** The battery: how full, what it does, when it is full or until when it lasts. */

import { lineOf, meanOf, steady } from "./battery.js";
import { Card, colorOf, define, escape, partsIn } from "./element.js";
import { sumOf, valueOf, wordOf } from "./moment.js";
import { HOUR, clock, energy, percent } from "./numbers.js";
import { planOf } from "./plan-card.js";
import { history } from "./recorded.js";
import { filled } from "./texts.js";

const QUARTER = HOUR / 4;

class BatteryCard extends Card {
	every = QUARTER;
	style_ = `.battery{display:grid;grid-template-columns:auto 1fr;gap:4px 18px;align-items:center;width:100%}.shape{grid-row:span 2;position:relative;width:74px;height:40px;border:3px solid var(--of);border-radius:9px;padding:3px;box-sizing:border-box}
.shape::before{content:"";position:absolute;inset-inline-end:-9px;top:10px;width:5px;height:14px;background:var(--of);border-radius:0 3px 3px 0}.shape i{display:block;height:100%;width:var(--to);background:var(--of);border-radius:4px}
.top{display:flex;justify-content:space-between;align-items:baseline;gap:8px;flex-wrap:wrap;font-size:16px}.top b{font-size:24px;font-weight:600}.title{grid-column:1/-1}button+button{margin-top:12px}`;
	_of = null;
	_list = [];
	_plan = null;

	/** What the card shows: its batteries, each with its last powers (W, + while charging) and its line. */
	get batteries() {
		if (this._of !== this.config) {
			this._of = this.config;
			this._list = (this.config.batteries || [this.config]).map((one) => ({ ...one, power: partsIn(one.power), samples: [], line: null }));
		}
		return this._list;
	}

	async load() {
		const past = await history(this.hass, this.batteries.flatMap(({ power: parts }) => parts.map(({ entity }) => entity)), Date.now() - QUARTER);
		for (const battery of this.batteries) {
			const [first, ...more] = battery.power;
			if (first && !more.length) battery.samples = (past[first.entity] || []).map(({ time, value }) => ({ time, value: value === null || first.invert ? value : -value }));
		}
		this._plan = await planOf(this.hass, this.config.plan);
	}

	render() {
		this.show(this.batteries.map((battery) => this.one(battery)).join("") + this.shaving());
	}

	/** kWh: what was built in and how much of that is left; from ampere hours where only those are known. */
	capacity({ capacity, health, charge_capacity, voltage }) {
		const value = (id) => valueOf(this.hass.states, id);
		const design = typeof capacity === "number" ? capacity : value(capacity);
		const left = [health ?? []].flat().map(value).filter((one) => one !== null);
		if (design) return left.length ? (design * left.reduce((sum, one) => sum + one, 0)) / left.length / 100 : design;
		return (value(charge_capacity) * value(voltage)) / 1000 || null;
	}

	one(battery) {
		const { texts, writing } = this;
		const { states } = this.hass;
		const now = Date.now();
		const [level, reserve, time_to_go] = [battery.level, battery.reserve, battery.time_to_go].map((id) => valueOf(states, id));
		const watts = sumOf(states, battery.power);
		const value = watts === null ? null : -watts;
		if (battery.samples.at(-1)?.value !== value) battery.samples.push({ time: now, value });
		while (battery.samples[1]?.time < now - QUARTER) battery.samples.shift();
		const capacity = this.capacity(battery);
		const plan = this.batteries.length === 1 ? this._plan?.level : undefined;
		const line = (battery.line = steady(battery.line, lineOf({ now, level, reserve, capacity, time_to_go, plan, power: meanOf(battery.samples, now) })));
		const word = wordOf("battery", watts);
		const said = [
			line && filled(texts[line.text], { time: line.at && clock(line.at, writing), level: percent(reserve, writing) }),
			level !== null && capacity && filled(texts.of_capacity, { stored: energy((level * capacity) / 100, writing).split("\u202f")[0], capacity: energy(capacity, writing) }),
		].filter(Boolean).join(" · ");
		return `<button class="battery" data-entity="${escape(battery.level || battery.power[0]?.entity)}" style="--of:${colorOf(word === "charging" ? word : "discharging")};--to:${level ?? 0}%">
${this.batteries.length > 1 ? `<span class="title dim">${escape(battery.name)}</span>` : ""}<span class="shape"><i></i></span><span class="top"><b>${percent(level, writing)}</b><span>${this.said("battery", watts)}</span></span>
<span class="dim">${said || (level === null ? texts.waiting : "")}</span></button>${this.ess(battery.ess)}`;
	}

	/** How a GX uses the battery. */
	ess(id) {
		const state = this.hass.states[id];
		if (!state || ["unknown", "unavailable"].includes(state.state)) return "";
		return `<button data-entity="${escape(id)}">ESS: ${escape(this.hass.formatEntityState?.(state) ?? state.state)}</button>`;
	}

	/** What peak shaving is set to, while it is on. */
	shaving() {
		const { states } = this.hass;
		const { peak_shaving_mode: mode, peak_shaving_capacity_limit: limit, peak_shaving_end_time: end } = this.config;
		const [hour, minute] = (states[end]?.state || "").split(":").map(Number);
		const time = minute >= 0 && clock(new Date(2026, 0, 1, hour, minute).getTime(), { ...this.writing, zone: undefined });
		const level = percent(valueOf(states, limit), this.writing);
		const text = { auto: this.texts.peak_shaving_auto, manual: time && filled(this.texts.peak_shaving_line, { limit: level, time }) }[states[mode]?.state];
		return text ? `<button data-entity="${escape(mode)}">${text}</button>` : "";
	}
}

define("hausstrom-battery-card", BatteryCard);
