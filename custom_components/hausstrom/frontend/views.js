/**
 * The views of the whole home: now, history, a building's consumption.
 *
 * Scene, what they are made from: {hass, texts, home, about, roles, plan, planned, minutes, hours}; plan: the config entry
 * that plans; planned: the roles that its plan or the forecast is about, if there is one; minutes, hours: whether there are such statistics.
 */

import { shadeOf } from "./element.js";
import { FLOW_ROLES } from "./flow-card.js";
import { ENERGIES, batteriesOf, isDiagnostic, keyOf, nameOf } from "./home.js";
import { full, heading, section, view, width } from "./layout.js";
import { filled } from "./texts.js";

const only = (roles, names) => Object.fromEntries(names.filter((name) => roles[name]).map((name) => [name, roles[name]]));

export function nowView(scene) {
	const { home, texts, roles, plan } = scene;
	const batteries = batteriesOf(home);
	const powers = FLOW_ROLES.some((role) => roles[role] && role !== "level");
	const third = [
		...(batteries.length ? [heading(texts.battery, "mdi:battery-charging"), { type: "custom:hausstrom-battery-card", batteries, plan, ...peakShaving(home) }] : []),
		...(scene.planned ? [heading(texts.plan, "mdi:chart-bell-curve"), { type: "custom:hausstrom-plan-card", plan, ...only(scene.planned, ["solar", "house", "level"]) }] : []),
	];
	const warnings = warningCards(scene);
	const today = only(roles, [...Object.keys(ENERGIES), "solar", "grid", "battery", "house", "ev"]);
	const sections = [
		...(powers ? [section([heading(texts.flow, "mdi:transit-connection-variant"), { type: "custom:hausstrom-flow-card", ...only(roles, FLOW_ROLES) }])] : []),
		...(Object.keys(today).length ? [section([heading(texts.today, "mdi:calendar-today"), { type: "custom:hausstrom-today-card", ...today }, ...offer(scene)])] : []),
		// A section of warnings alone is there only while there is one.
		...(third.length || warnings.length ? [section([...third, ...warnings], third.length ? {} : { visibility: warnings[0].visibility })] : []),
	];
	return powers || third.length ? [view("now", texts.now, "mdi:flash", sections)] : [];
}

/** Where the settings of peak shaving stand. */
const peakShaving = (home) =>
	Object.fromEntries(home.flatMap(({ entities }) => entities).filter((entity) => /^peak_shaving_(mode|capacity_limit|end_time)$/.test(keyOf(entity))).map((entity) => [keyOf(entity), entity.entity_id]));

const NAMED = 4;

/** A line with a button, for administrators, while the energy dashboard lacks a source. */
function offer({ hass, texts, about }) {
	const missing = about?.missing || [];
	if (!hass.user?.is_admin || !missing.length) return [];
	const sources = missing.slice(0, NAMED).join(", ") + (missing.length > NAMED ? ` … +${missing.length - NAMED}` : "");
	return [empty("", filled(texts.energy_text, { sources }), texts.energy_button,
		{ action: "perform-action", perform_action: "hausstrom.setup_energy_dashboard", confirmation: { text: texts.energy_sure } })];
}

const empty = (title, content, text, tap_action) => ({
	type: "empty-state", content, ...(title && { title, icon: "mdi:home-lightning-bolt" }), ...(text && { buttons: [{ text, icon: "mdi:plus", tap_action }] }), ...full,
});

/** What a dashboard says when the last device is gone; `boards.py` puts the same into its place. */
export const leftView = (texts) => ({ title: "Hausstrom", cards: [{ type: "markdown", content: texts.left }] });

/** Nothing there yet. */
export function emptyView(user, texts) {
	const admin = user?.is_admin;
	const card = empty(texts.empty_title, admin ? texts.empty_text : texts.empty_guest, admin && texts.empty_button,
		{ action: "navigate", navigation_path: "/config/integrations/dashboard/add?domain=hausstrom" });
	return view("now", texts.now, "mdi:flash", [section([card])], { max_columns: 1 });
}

const ALARMS = ["problem", "smoke", "safety", "gas", "tamper", "carbon_monoxide"];
const GOOD_WHEN_ON = ["current_state_ok", "bat_module_of_ok", "reporting", "online"];

/** What is wrong when an entity has a certain state: {entity, state, name}. */
function dangersOf({ device, entities }, { hass, texts }) {
	const dangers = entities.filter(({ entity_id: id }) => id.startsWith("binary_sensor.")).flatMap((one) => {
		const state = ALARMS.includes(hass.states[one.entity_id].attributes.device_class) ? "on" : GOOD_WHEN_ON.includes(keyOf(one)) && "off";
		return state ? [{ entity: one.entity_id, state, name: "" }] : [];
	});
	const pulse = entities.find((one) => !isDiagnostic(one) && hass.states[one.entity_id].attributes.state_class === "measurement");
	return pulse ? [...dangers, { entity: pulse.entity_id, state: "unavailable", name: filled(texts.silent, { name: nameOf(device) }) }] : dangers;
}

/** Cards that are there only while something is wrong, with a heading of their own. */
function warningCards(scene) {
	const dangers = scene.home.filter(({ kind }) => kind !== "smartlog").flatMap((item) => [item, ...item.parts]).flatMap((item) => dangersOf(item, scene));
	const conditions = dangers.map(({ entity, state }) => ({ condition: "state", entity, state }));
	const cards = dangers.map(({ entity, name }, number) =>
		({ type: "tile", entity, color: "red", ...(name && { name, icon: "mdi:lan-disconnect", hide_state: true }), visibility: [conditions[number]], ...width(12) }));
	return cards.length ? [heading(scene.texts.warnings, "mdi:alert", { visibility: [{ condition: "or", conditions }] }), ...cards] : [];
}

/** So many characters fit into a line of a legend; measured. */
const LEGEND = 32;

export function curvesView({ texts, roles, minutes, hours }) {
	// A curve has a sign: what lies above zero is said.
	const above = (role) => ({ battery: ` (+ ${texts.discharging})`, grid: ` (+ ${texts.importing})` })[role] || "";
	const lines = (colors) => Object.entries(colors).flatMap(([role, color]) => {
		const parts = roles[role] || [];
		const names = parts.map(({ name }) => (parts.length < 2 ? texts[role] + above(role) : role === "level" ? name : `${texts[role]}${above(role)} · ${name}`));
		const long = names.some((name) => name.length > LEGEND);
		return parts.map(({ entity }, number) =>
			({ entity, name: long ? `${texts[role]} ${number + 1}${above(role)}` : names[number], color: shadeOf(color, number) }));
	});
	const graph = (entities, more) => ({ type: "statistics-graph", entities, ...more, ...full });
	// Statistics are five minutes apart and light; a home of the first minutes has none yet.
	const curve = (entities, more = {}) => minutes
		? graph(entities, { chart_type: "line", period: "5minute", days_to_show: 1, stat_types: ["mean"], ...more })
		: { type: "history-graph", entities, hours_to_show: 3, ...more, ...full };
	// A GX counts the battery's power the other way round.
	const turn = Object.values(roles).flat().filter(({ invert }) => invert).map(({ entity }) => entity);
	const oneSign = (card) => (card.entities.some(({ entity }) => turn.includes(entity)) ? { type: "custom:hausstrom-graph-card", turn, card, ...full } : card);
	const sections = [
		[texts.power, "mdi:flash", lines({ solar: "solar", battery: "discharging", grid: "import", house: "house", ev: "ev", heat_pump: "heat_pump" }), curve],
		[texts.level, "mdi:battery", lines({ level: "discharging" }), (entities) => curve(entities, { min_y_axis: 0, max_y_axis: 100 })],
		[texts.week, "mdi:chart-bar", hours ? lines({ produced: "solar", imported: "import", exported: "export" }) : [], (entities) => graph(entities, { chart_type: "bar", period: "day", days_to_show: 7, stat_types: ["change"] })],
	].filter(([, , entities]) => entities.length).map(([text, icon, entities, card]) => section([heading(text, icon), oneSign(card(entities))], { column_span: 3 }));
	return sections.length ? [view("curves", texts.curves, "mdi:chart-line", sections)] : [];
}

/** A building: what its meters are, the card asks for itself. */
export function buildingView({ hass, texts, home, about }) {
	if (!about?.meters?.length) return [];
	const ids = home.filter(({ kind }) => kind === "smartlog").flatMap((item) => [item, ...item.parts]).flatMap(({ entities }) => entities);
	const alerts = ids.map(({ entity_id: id }) => id).filter((id) => id.startsWith("binary_sensor.") && [...ALARMS, "battery"].includes(hass.states[id].attributes.device_class));
	const card = { type: "custom:hausstrom-consumption-card", alerts, ...full };
	return [view("building", texts.building, "mdi:home-city", [section([heading(texts.building, "mdi:home-city"), card], { column_span: 3 })])];
}
