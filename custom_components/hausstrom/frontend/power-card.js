/** One power of a device that flows both ways, as a tile: which way is a word. */

import { Card, define, escape } from "./element.js";
import { tint } from "./flow-card.js";
import { sumOf, wordOf } from "./moment.js";
import { HOUR, power } from "./numbers.js";

const ICONS = { grid: "transmission-tower", battery: "home-battery" };

class PowerCard extends Card {
	every = HOUR;
	style_ = `ha-card{height:100%;box-sizing:border-box;display:flex;padding:0 10px}button{display:flex;align-items:center;gap:10px;min-height:54px;width:100%}ha-icon{padding:6px;color:var(--of)}b{display:block;font-weight:500}span{font-size:12px;line-height:18px}b{font-size:14px}`;

	getGridOptions() {
		return { columns: 12, rows: 1, min_columns: 6 };
	}

	render() {
		const { entity, name, role } = this.config;
		const watts = sumOf(this.hass.states, [this.config]);
		const word = wordOf(role, watts);
		this.show(`<button data-entity="${escape(entity)}" style="--of:${tint(role, word)}"><ha-icon icon="mdi:${ICONS[role]}"></ha-icon><span><b>${escape(name)}</b>${this.texts[word] || ""} ${word === "idle" ? "" : power(watts, this.writing)}</span></button>`);
	}
}

define("hausstrom-power-card", PowerCard);
