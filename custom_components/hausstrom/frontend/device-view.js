/** A device's own view: state, controls, energy, battery, wallbox, phases, and the devices under it. */

import { directionOf, isDiagnostic, keyOf, nameOf } from "./home.js";
import { FITS, full, heading, paired, section, view, width, widthFor } from "./layout.js";

const PART_ICONS = {
	battery: "battery", solarcharger: "solar-panel", pvinverter: "solar-power", grid: "transmission-tower", vebus: "current-ac", multi: "current-ac", inverter: "current-ac",
	evcharger: "ev-station", tank: "storage-tank", temperature: "thermometer", acload: "power-plug", heatpump: "heat-pump", genset: "engine",
};
/** The halves of a value that has a sign: no fact twice. */
const HALVES = /^(grid|bat)_power_(plus|minus)$|^power_(import|export)$/;
const FEATURES = { button: [{ type: "button" }], select: [{ type: "select-options" }], switch: [{ type: "toggle" }], number: [{ type: "numeric-input", style: "slider" }] };
const CONTROLS = ["select", "switch", "number", "time", "button"];
/** What has no value has no place in the view, unless it is there to be set. */
const isShown = (entity, { states }) => !isDiagnostic(entity) && (states[entity.entity_id].state !== "unknown" || CONTROLS.includes(domainOf(entity)));
const domainOf = (entity) => entity.entity_id.split(".")[0];

/**
 * The groups of a device's values: name, icon, place in the view, and what belongs there; the first that fits takes a value.
 * @type {[string, string, number, (key: string, deviceClass: string, domain: string) => boolean][]}
 */
const GROUPS = [
	["peak_shaving", "chart-bell-curve", 1, (key) => /^(peak_shaving|export_limit)/.test(key)],
	["wallbox", "ev-station", 5, (key) => /^(wallbox|ev_connected)/.test(key)],
	["controls", "tune-variant", 2, (_, __, domain) => CONTROLS.includes(domain)],
	["phases", "sine-wave", 6, (key) => /phase|_ac$/.test(key)],
	["state", "flash", 0, (key, deviceClass) => ["power", "battery"].includes(deviceClass) || /state/.test(key)],
	["energy", "meter-electric", 3, (_, deviceClass) => deviceClass === "energy"],
	["battery", "battery", 4, (key) => /^(bat|bms|tempmeasure_battery|gx_battery|gx_soc)/.test(key)],
	["other", "format-list-bulleted", 7, () => true],
];

/** Return what an entity is called in its device's view, without the word that its heading says already. */
export function shortName(hass, entity, over = "", device = "", only = false) {
	const whole = hass.states[entity.entity_id].attributes.friendly_name || entity.entity_id;
	const own = whole.startsWith(`${device} `) ? whole.slice(device.length + 1) : whole;
	if (!over || !own.toLowerCase().startsWith(over.toLowerCase())) return own;
	const rest = own.slice(over.length).replace(only ? /^[\s:·-]+(\d+\b)?[\s:·-]*/ : /^[\s:·-]+/, "");
	// "Wallbox 1: lock" of several stays: which it is, is no repetition.
	return rest.length > 2 && !/^\d/.test(rest) ? rest[0].toUpperCase() + rest.slice(1) : own;
}

const rows = (entities, name) => ({ type: "entities", entities: entities.map((entity) => ({ entity: entity.entity_id, name: name(entity) })), ...full });
const tile = (entity, name, more) => ({ type: "tile", entity: entity.entity_id, name: name(entity), ...more });
/** A tile to read a value from; which way a power flows is a word. */
function readable(item, entity, name) {
	const direction = directionOf(item, entity);
	return direction ? { type: "custom:hausstrom-power-card", entity: entity.entity_id, name: name(entity), ...direction, ...width(12) } : tile(entity, name, widthFor(name(entity)));
}
const sorted = (entities, place) => [...entities].sort((one, other) => place(one) - place(other));

/** Tiles to set values with, since their rows leave names no room; what can only be read follows as rows. */
function mixedCards(entities, name) {
	const controls = sorted(entities.filter((entity) => CONTROLS.includes(domainOf(entity))), (entity) => CONTROLS.indexOf(domainOf(entity)));
	const plain = entities.filter((entity) => !controls.includes(entity));
	return [...controls.map((entity) => tile(entity, name, { ...(FEATURES[domainOf(entity)] && { features: FEATURES[domainOf(entity)] }), hide_state: domainOf(entity) === "button", ...width(12) })), ...(plain.length ? [rows(plain, name)] : [])];
}

/** Tiles to read values from: the level of a battery first, then states, then powers. */
function stateCards(item, entities, name, classOf) {
	const gauge = (entity) => tile(entity, name, { features: [{ type: "bar-gauge", min: 0, max: 100 }], ...(name(entity).length <= 2 * FITS - 8 && { features_position: "inline" }), ...width(12) });
	return paired(sorted(entities, (entity) => ({ battery: 0, power: 2 })[classOf(entity)] ?? 1).map((entity) => (classOf(entity) === "battery" ? gauge(entity) : readable(item, entity, name))));
}

function deviceSections(item, { hass, texts }) {
	const { device, entities } = item;
	const classOf = (entity) => hass.states[entity.entity_id].attributes.device_class;
	const single = entities.filter((entity) => /^wallbox_(charge_power_of|power)$/.test(keyOf(entity))).length === 1;
	const shown = entities.filter((entity) => isShown(entity, hass) && !HALVES.test(keyOf(entity)) && !(single && keyOf(entity) === "wallbox_charge_power"));
	const groupOf = (entity) => GROUPS.find(([, , , fits]) => fits(keyOf(entity), classOf(entity), domainOf(entity)));
	return [...GROUPS].sort((one, other) => one[2] - other[2]).flatMap((row) => {
		const [group, icon] = row;
		const own = shown.filter((entity) => groupOf(entity) === row);
		const over = ["peak_shaving", "wallbox"].includes(group) ? texts[group] : "";
		// The number of the only wallbox tells nothing.
		const numbers = new Set(own.map((entity) => new RegExp(`^${over} (\\d+)`, "i").exec(shortName(hass, entity, "", nameOf(device)))?.[1]).filter(Boolean));
		const name = (entity) => shortName(hass, entity, over, nameOf(device), numbers.size === 1);
		const cards = group === "state" ? stateCards(item, own, name, classOf) : mixedCards(own, name);
		return own.length ? [section([heading(texts[group], `mdi:${icon}`), ...cards])] : [];
	});
}

const MAIN = ["gx_power", "gx_pv_power", "gx_dc_power", "gx_soc", "gx_level", "gx_temperature", "gx_device_state", "gx_ev_charger_status"];

/** A part of a GX: what it is there for as tiles, everything else as rows. */
function partSection(item, { hass }) {
	const { device, entities, service } = item;
	const shown = entities.filter((entity) => isShown(entity, hass));
	const name = (entity) => shortName(hass, entity, "", nameOf(device));
	const main = sorted(shown.filter((entity) => MAIN.includes(keyOf(entity))), (entity) => MAIN.indexOf(keyOf(entity))).slice(0, 2);
	const rest = shown.filter((entity) => !main.includes(entity));
	// Only administrators may open a device's page.
	const tap = hass.user?.is_admin ? { tap_action: { action: "navigate", navigation_path: `/config/devices/device/${device.id}` } } : {};
	const tiles = paired(main.map((entity) => readable(item, entity, name)));
	return shown.length ? [section([heading(nameOf(device), `mdi:${PART_ICONS[service] || "devices"}`, tap), ...tiles, ...(rest.length ? [rows(rest, name)] : [])])] : [];
}

export function deviceView(item, scene, number) {
	const sections = [...deviceSections(item, scene), ...(item.kind === "smartlog" ? [] : item.parts.flatMap((part) => partSection(part, scene)))];
	// Two columns, since names are long. Without an icon: the tabs of several devices are told apart by their names.
	return sections.length ? [view(`device-${number}`, nameOf(item.device), "", sections, { max_columns: 2 })] : [];
}
