/** A device's own view: state, controls, energy, battery, wallbox, phases, and the devices under it. */

import { isDiagnostic, nameOf } from "./home.js";
import { full, heading, paired, section, view, width, widthFor } from "./layout.js";
import { admin } from "./views.js";

/** @typedef {import("./home.js").Item} Item */
/** @typedef {import("./layout.js").Config} Config */
/** @typedef {import("./views.js").Scene} Scene */

/** @type {Record<string, string>} */
const PART_ICONS = {
  battery: "mdi:battery", solarcharger: "mdi:solar-panel", pvinverter: "mdi:solar-power", grid: "mdi:transmission-tower", vebus: "mdi:current-ac",
  multi: "mdi:current-ac", inverter: "mdi:current-ac", evcharger: "mdi:ev-station", tank: "mdi:storage-tank", temperature: "mdi:thermometer",
  acload: "mdi:power-plug", heatpump: "mdi:heat-pump", genset: "mdi:engine",
};

/** The halves of a value that has a sign, and totals of one: no fact twice. */
const HALVES = /^(grid|bat)_power_(plus|minus)$|^power_(import|export)$/;

/** @type {Record<string, Config[]>} */
const CONTROL_FEATURES = { select: [{ type: "select-options" }], number: [{ type: "numeric-input", style: "slider" }], switch: [{ type: "toggle" }] };
const CONTROL_ORDER = ["select", "switch", "number", "time", "button"];

/** @param {Entity} entity */
const domainOf = (entity) => entity.entity_id.split(".")[0];
/** @param {Entity} entity */
const keyOf = (entity) => entity.translation_key || "";

/** The groups of a device's values; the first that fits takes a value. @type {[string, string, (entity: Entity, state: State) => boolean][]} */
const GROUPS = [
  ["peak_shaving", "mdi:chart-bell-curve", (entity) => /^(peak_shaving|export_limit)/.test(keyOf(entity))],
  ["wallbox", "mdi:ev-station", (entity) => /^(wallbox|ev_connected)/.test(keyOf(entity))],
  ["controls", "mdi:tune-variant", (entity) => CONTROL_ORDER.includes(domainOf(entity))],
  ["phases", "mdi:sine-wave", (entity) => /phase|_ac$/.test(keyOf(entity))],
  ["state", "mdi:flash", (entity, state) => ["power", "battery"].includes(state.attributes.device_class) || /state/.test(keyOf(entity))],
  ["energy", "mdi:meter-electric", (_, state) => state.attributes.device_class === "energy"],
  ["battery", "mdi:battery", (entity) => /^(bat|bms|tempmeasure_battery|gx_battery|gx_soc)/.test(keyOf(entity))],
  ["other", "mdi:format-list-bulleted", () => true],
];
const GROUP_ORDER = ["state", "peak_shaving", "controls", "energy", "battery", "wallbox", "phases", "other"];

/**
 * Return what an entity is called under a heading that says a word of its name already.
 * @param {Hass} hass
 * @param {Entity} entity
 * @param {string} [over] the heading
 * @param {string} [device]
 */
export function shortName(hass, entity, over = "", device = "") {
  const whole = String(hass.states[entity.entity_id]?.attributes.friendly_name || entity.entity_id);
  const own = entity.name || (device && whole.startsWith(`${device} `) ? whole.slice(device.length + 1) : whole);
  if (!over || entity.name_by_user || !own.toLowerCase().startsWith(over.toLowerCase())) return own;
  const rest = own.slice(over.length).replace(/^[\s:·-]+/, "");
  // "Wallbox 1: lock" stays: which of several it is, is no repetition.
  return rest.length > 2 && !/^\d/.test(rest) ? rest[0].toUpperCase() + rest.slice(1) : own;
}

/** @param {Entity[]} entities @param {(entity: Entity) => string} name */
const rows = (entities, name) => ({ type: "entities", entities: entities.map((entity) => ({ entity: entity.entity_id, name: name(entity) })), ...full });

/** Tiles to set values with; what has no such tile follows as rows. @param {Entity[]} entities @param {(entity: Entity) => string} name */
function controlCards(entities, name) {
  /** @param {Entity} entity */
  const place = (entity) => (CONTROL_ORDER.indexOf(domainOf(entity)) + CONTROL_ORDER.length + 1) % (CONTROL_ORDER.length + 1);
  const sorted = [...entities].sort((one, other) => place(one) - place(other));
  const tiles = sorted.filter((entity) => CONTROL_FEATURES[domainOf(entity)]).map((entity) => ({
    type: "tile", entity: entity.entity_id, name: name(entity), features: CONTROL_FEATURES[domainOf(entity)], ...width(12),
  }));
  const plain = sorted.filter((entity) => !CONTROL_FEATURES[domainOf(entity)]);
  return plain.length ? [...tiles, rows(plain, name)] : tiles;
}

/** Tiles to read values from: the level of a battery first, then states, then powers. @param {Entity[]} entities @param {Hass} hass @param {(entity: Entity) => string} name */
function tellingCards(entities, hass, name) {
  /** @param {Entity} entity */
  const classOf = (entity) => hass.states[entity.entity_id].attributes.device_class;
  /** @param {Entity} entity */
  const place = (entity) => (classOf(entity) === "battery" ? 0 : classOf(entity) === "power" ? 2 : 1);
  return paired([...entities].sort((one, other) => place(one) - place(other)).map((entity) => ({
    type: "tile", entity: entity.entity_id, name: name(entity),
    ...(classOf(entity) === "battery" ? { features: [{ type: "bar-gauge", min: 0, max: 100 }], features_position: "inline", ...width(12) } : widthFor(name(entity))),
  })));
}

/** @param {Item} item @param {Scene} scene */
function deviceSections(item, { hass, texts }) {
  /** @type {Map<string, Entity[]>} */
  const groups = new Map();
  const single = item.entities.filter((entity) => /^wallbox_(charge_power_of|power)$/.test(keyOf(entity))).length === 1;
  for (const entity of item.entities) {
    if (isDiagnostic(entity) || HALVES.test(keyOf(entity)) || (single && keyOf(entity) === "wallbox_charge_power")) continue;
    const [name] = GROUPS.find(([, , fits]) => fits(entity, hass.states[entity.entity_id])) || ["other"];
    groups.set(name, [...(groups.get(name) || []), entity]);
  }
  const device = nameOf(item.device);
  return GROUP_ORDER.filter((name) => groups.has(name)).map((group) => {
    const entities = groups.get(group) || [];
    /** @param {Entity} entity */
    const name = (entity) => shortName(hass, entity, texts[group], device);
    const icon = GROUPS.find(([one]) => one === group)?.[1] || "";
    const cards = ["peak_shaving", "controls"].includes(group) ? controlCards(entities, name) : group === "state" ? tellingCards(entities, hass, name) : [rows(entities, name)];
    return section([heading(texts[group], icon), ...cards]);
  });
}

const MAIN = ["gx_power", "gx_pv_power", "gx_dc_power", "gx_soc", "gx_level", "gx_temperature", "gx_device_state", "gx_ev_charger_status"];

/** A part of a GX: what it is there for as tiles, everything else as rows. @param {Item} part @param {Scene} scene */
function partSection(part, scene) {
  const shown = part.entities.filter((entity) => !isDiagnostic(entity));
  if (!shown.length) return [];
  const device = nameOf(part.device);
  /** @param {Entity} entity */
  const name = (entity) => shortName(scene.hass, entity, "", device);
  const main = shown.filter((entity) => MAIN.includes(keyOf(entity))).slice(0, 2);
  const rest = shown.filter((entity) => !main.includes(entity));
  const tiles = paired(main.map((entity) => ({ type: "tile", entity: entity.entity_id, name: name(entity), ...widthFor(name(entity)) })));
  // Only administrators may open a device's page.
  const tap = admin(scene) ? { tap_action: { action: "navigate", navigation_path: `/config/devices/device/${part.device.id}` } } : {};
  return [section([heading(device, PART_ICONS[part.service] || "mdi:devices", tap), ...tiles, ...(rest.length ? [rows(rest, name)] : [])])];
}

/** @param {Item} item @param {Scene} scene @param {number} number @returns {Config[]} */
export function deviceView(item, scene, number) {
  const sections = deviceSections(item, scene);
  if (item.kind !== "smartlog") sections.push(...item.parts.flatMap((part) => partSection(part, scene)));
  // Without an icon: the tabs of several devices are told apart by their names.
  return sections.length ? [view(`device-${number}`, nameOf(item.device), undefined, sections)] : [];
}
