/** One power of a device that flows both ways, as a tile: which way is a word. */

import { Card, define, escape } from "./element.js";
import { tint } from "./flow-card.js";
import { sumOf, wordOf } from "./moment.js";
import { HOUR } from "./numbers.js";

const ICONS = { grid: "transmission-tower", battery: "home-battery" };

class PowerCard extends Card {
	every = HOUR;
	style_ = `ha-card{height:100%;box-sizing:border-box;display:flex;padding:0 10px}button{display:flex;align-items:center;gap:10px;min-height:54px;width:100%}ha-icon{padding:6px;color:var(--of)}b{display:block;font-size:14px;font-weight:500}span{font-size:12px;line-height:18px}`;

	getGridOptions() {
		return { columns: 12, rows: 1, min_columns: 6 };
	}

	render() {
		const { entity, role = "grid" } = this.config;
		const { states } = this.hass;
		const watts = sumOf(states, [this.config]);
		const name = this.config.name || states[entity]?.attributes.friendly_name;
		this.show(`<button data-entity="${escape(entity)}" style="--of:${tint(role, wordOf(role, watts))}"><ha-icon icon="mdi:${ICONS[role]}"></ha-icon><span><b>${escape(name)}</b>${this.said(role, watts)}</span></button>`);
	}
}

define("hausstrom-power-card", PowerCard);
