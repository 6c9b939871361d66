/** The views of the whole home: now, history, a building's consumption. */

import { hexOf } from "./element.js";
import { ENERGIES, batteriesOf, isDiagnostic, nameOf, partsOf, rolesOf } from "./home.js";
import { FLOW_ROLES } from "./flow-card.js";
import { full, heading, section, view, width } from "./layout.js";
import { mediumOf, unitOf } from "./consumption.js";
import { filled } from "./texts.js";

/** @typedef {import("./home.js").Item} Item */
/** @typedef {import("./layout.js").Config} Config */
/** @typedef {Record<string, string>} Texts */
/**
 * @typedef {{hass: Hass, texts: Texts, home: Item[], about: import("./home.js").About | undefined, plan: string | undefined, hasPlan: boolean, minutes: boolean, hours: boolean}} Scene
 *   what the views are made from; plan: the config entry that plans; minutes, hours: whether such statistics exist
 */

/** @param {Config} roles @param {readonly string[]} names */
const only = (roles, names) => Object.fromEntries(names.filter((name) => roles[name]).map((name) => [name, roles[name]]));

/** @param {Scene} scene */
export const admin = ({ hass }) => Boolean(hass.user?.is_admin);

/** @param {Scene} scene @returns {Config[]} */
export function nowView(scene) {
  const { home, texts } = scene;
  const roles = rolesOf(home);
  const batteries = batteriesOf(home);
  const powers = FLOW_ROLES.some((role) => roles[role] && role !== "level");
  const energies = Object.keys(ENERGIES).some((what) => roles[what]);
  /** @type {Config[]} */
  const sections = [];
  if (powers) sections.push(section([heading(texts.flow, "mdi:transit-connection-variant"), { type: "custom:hausstrom-flow-card", ...only(roles, FLOW_ROLES) }]));
  if (powers || energies) {
    sections.push(section([
      heading(texts.today, "mdi:calendar-today"),
      { type: "custom:hausstrom-today-card", ...only(roles, [...Object.keys(ENERGIES), "solar", "grid", "battery", "house", "ev"]) },
      ...offer(scene),
    ]));
  }
  const third = [];
  if (batteries.length) {
    third.push(heading(texts.battery, "mdi:battery-charging"), { type: "custom:hausstrom-battery-card", batteries, ...peakShaving(home), ...(scene.plan ? { plan: scene.plan } : {}) });
  }
  if (scene.hasPlan) {
    third.push(heading(texts.plan, "mdi:chart-bell-curve"), { type: "custom:hausstrom-plan-card", ...only(roles, ["solar", "house", "level"]), ...(scene.plan ? { plan: scene.plan } : {}) });
  }
  const warnings = warningCards(scene);
  if (third.length || warnings.length) {
    // A section of warnings alone is there only while there is one.
    sections.push(section([...third, ...warnings], third.length ? {} : { visibility: warnings[0].visibility }));
  }
  return sections.length ? [view("now", texts.now, "mdi:flash", sections)] : [];
}

/** Where the settings of peak shaving stand. @param {Item[]} home */
function peakShaving(home) {
  const keys = ["peak_shaving_mode", "peak_shaving_capacity_limit", "peak_shaving_end_time"];
  const item = home.find(({ entities }) => entities.some(({ translation_key }) => translation_key === keys[0]));
  return Object.fromEntries(keys.flatMap((key) => {
    const entity = item?.entities.find(({ translation_key }) => translation_key === key);
    return entity ? [[key, entity.entity_id]] : [];
  }));
}

/** One line with a button, for administrators, while the energy dashboard lacks a source. @param {Scene} scene */
function offer({ hass, texts, about }) {
  if (!hass.user?.is_admin || !about?.missing?.length) return [];
  return [{
    type: "empty-state", icon: "mdi:lightning-bolt", title: texts.energy_title, content: filled(texts.energy_text, { sources: about.missing.join(", ") }),
    buttons: [{
      text: texts.energy_button, icon: "mdi:plus",
      tap_action: { action: "perform-action", perform_action: "hausstrom.setup_energy_dashboard", confirmation: { text: texts.energy_sure } },
    }],
    ...full,
  }];
}

const ALARMS = ["problem", "smoke", "safety", "gas", "tamper", "carbon_monoxide"];
const GOOD_WHEN_ON = ["current_state_ok", "bat_module_of_ok", "reporting", "online"];

/** Return what is wrong when an entity has a certain state. @param {Item} item @param {Scene} scene */
function dangersOf(item, { hass, texts }) {
  /** @type {{entity: string, state: string, name?: string}[]} */
  const dangers = [];
  for (const { entity_id: entity, translation_key } of item.entities) {
    if (!entity.startsWith("binary_sensor.")) continue;
    if (ALARMS.includes(hass.states[entity].attributes.device_class)) dangers.push({ entity, state: "on" });
    else if (GOOD_WHEN_ON.includes(translation_key || "")) dangers.push({ entity, state: "off" });
  }
  const pulse = item.entities.find((entity) => !isDiagnostic(entity) && hass.states[entity.entity_id].attributes.state_class === "measurement");
  if (pulse) dangers.push({ entity: pulse.entity_id, state: "unavailable", name: filled(texts.silent, { name: nameOf(item.device) }) });
  return dangers;
}

/** Cards that are there only while something is wrong, with a heading of their own. @param {Scene} scene @returns {Config[]} */
function warningCards(scene) {
  const dangers = scene.home.filter(({ kind }) => kind !== "smartlog").flatMap((item) => [item, ...item.parts]).flatMap((item) => dangersOf(item, scene));
  if (!dangers.length) return [];
  const conditions = dangers.map(({ entity, state }) => ({ condition: "state", entity, state }));
  const cards = dangers.map(({ entity, name }, number) => ({
    type: "tile", entity, color: "red", ...(name ? { name, icon: "mdi:lan-disconnect", hide_state: true } : {}), visibility: [conditions[number]], ...width(12),
  }));
  return [heading(scene.texts.warnings, "mdi:alert", { visibility: [{ condition: "or", conditions }] }), ...cards];
}

/** The colour of a role's curve. @type {Record<string, string>} */
const CURVES = { solar: "solar", battery: "discharging", grid: "import", house: "house", ev: "ev", heat_pump: "heat_pump" };
/** @type {Record<string, string>} */
const BARS = { produced: "solar", imported: "import", exported: "export" };

/** @param {Scene} scene @returns {Config[]} */
export function curvesView({ home, texts, minutes, hours }) {
  const roles = rolesOf(home);
  /** @param {Config} names role → colour */
  const lines = (names) => Object.entries(names).flatMap(([role, color]) =>
    (roles[role] || []).map(({ entity, name }) => ({ entity, name: roles[role].length > 1 ? `${texts[role]} · ${name}` : texts[role], color: hexOf(color) })));
  // Statistics are five minutes apart and light; a home of the first minutes has none yet.
  /** @param {Config[]} entities @param {Config} [more] */
  const curve = (entities, more) => (minutes
    ? { type: "statistics-graph", entities, chart_type: "line", period: "5minute", days_to_show: 1, stat_types: ["mean"], hide_legend: false, ...more, ...full }
    : { type: "history-graph", entities, hours_to_show: 3, ...more, ...full });
  /** @param {string} text @param {string} icon @param {Config} card */
  const wide = (text, icon, card) => section([heading(text, icon), card], { column_span: 3 });
  const [powers, levels, energies] = [lines(CURVES), lines({ level: "discharging" }), lines(BARS)];
  const sections = [];
  if (powers.length) sections.push(wide(texts.power, "mdi:flash", curve(powers)));
  if (levels.length) sections.push(wide(texts.level, "mdi:battery", curve(levels, { min_y_axis: 0, max_y_axis: 100 })));
  if (energies.length && hours) {
    sections.push(wide(texts.week, "mdi:chart-bar", { type: "statistics-graph", entities: energies, chart_type: "bar", period: "day", days_to_show: 7, stat_types: ["change"], ...full }));
  }
  return sections.length ? [view("curves", texts.curves, "mdi:chart-line", sections)] : [];
}

/** What a meter is read for, most telling first. */
const MAIN_CLASSES = ["energy", "gas", "water", "volume"];

/**
 * Return the register that a meter is read for: of several of a class the greatest, the total.
 * @param {Item} meter
 * @param {Hass} hass
 */
export function mainRegister(meter, hass) {
  for (const deviceClass of MAIN_CLASSES) {
    const fitting = meter.entities.filter((entity) => !isDiagnostic(entity) && hass.states[entity.entity_id].attributes.device_class === deviceClass);
    if (!fitting.length) continue;
    /** @param {Entity} entity */
    const value = (entity) => Number(hass.states[entity.entity_id].state) || 0;
    return fitting.reduce((best, entity) => (value(entity) > value(best) ? entity : best));
  }
  return meter.entities.find(({ translation_key }) => translation_key === "meter_heat_cost_units");
}

/** What a meter measures, where only its device class tells. @type {Record<string, string>} */
const BY_CLASS = { gas: "gas", water: "cold", energy: "electricity" };

/** @param {Scene} scene @returns {Config[]} */
export function buildingView({ hass, texts, home, about }) {
  const gateways = home.filter(({ kind }) => kind === "smartlog");
  /** @type {Config} */
  const reported = {};
  const meters = gateways.flatMap(({ parts }) => parts).flatMap((meter) => {
    const main = mainRegister(meter, hass);
    if (!main) return [];
    const entity = main.entity_id;
    const type = about?.meters?.[meter.id] || "";
    const medium = mediumOf(type) || BY_CLASS[hass.states[entity].attributes.device_class];
    if (!medium) return [];
    /** @param {RegExp} key */
    const find = (key) => meter.entities.find(({ translation_key }) => key.test(translation_key || ""))?.entity_id;
    const last = find(/^last_reading$/);
    if (last) reported[entity] = last;
    const name = nameOf(meter.device);
    return [{ unit: unitOf(name), medium, entity, name, number: meter.device.serial_number || "", ...(find(/billing/) ? { billing: find(/billing/) } : {}) }];
  });
  if (!meters.length) return [];
  const alerts = gateways.flatMap((item) => [item, ...item.parts]).flatMap(({ entities }) => entities)
    .filter(({ entity_id: id }) => id.startsWith("binary_sensor.") && [...ALARMS, "battery"].includes(hass.states[id].attributes.device_class)).map(({ entity_id: id }) => id);
  const last = gateways.flatMap(({ entities }) => entities).find(({ translation_key }) => translation_key === "last_message")?.entity_id;
  const card = { type: "custom:hausstrom-consumption-card", meters, alerts, reported, ...(last ? { last_report: last } : {}), ...full };
  return [view("building", texts.building, "mdi:home-city", [section([heading(texts.building, "mdi:home-city"), card], { column_span: 3 })])];
}

/** Nothing there yet. @param {Hass} hass @param {Texts} texts */
export function emptyView(hass, texts) {
  const card = {
    type: "empty-state", icon: "mdi:home-lightning-bolt", title: texts.empty_title, content: hass.user?.is_admin ? texts.empty_text : texts.empty_guest,
    ...(hass.user?.is_admin ? { buttons: [{ text: texts.empty_button, icon: "mdi:plus", tap_action: { action: "navigate", navigation_path: "/config/integrations/dashboard/add?domain=hausstrom" } }] } : {}),
    ...full,
  };
  return view("now", texts.now, "mdi:flash", [section([card])], { max_columns: 1 });
}
