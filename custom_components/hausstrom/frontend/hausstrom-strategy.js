/**
 * A dashboard that builds itself from the devices of Hausstrom. Use: `strategy: {type: custom:hausstrom}`.
 *
 * Depends on nothing. Rows, tiles and graphs are Home Assistant's own cards; the power flow, today, the battery, the plan
 * and a building's consumption are ours, and usable by hand.
 */

import "./battery-card.js";
import "./consumption-card.js";
import "./flow-card.js";
import "./graph-card.js";
import "./power-card.js";
import "./today-card.js";
import { deviceView } from "./device-view.js";
import { ask, define } from "./element.js";
import { inventory, keyOf, rolesOf } from "./home.js";
import { planOf } from "./plan-card.js";
import { statistics } from "./recorded.js";
import { languageOf, loadTexts } from "./texts.js";
import { buildingView, curvesView, emptyView, leftView, nowView } from "./views.js";

/** Tell whether there are so many rows of statistics of the last hours for a value. */
async function hasRows(hass, [part] = [], period, hours, count) {
	const rows = part ? await statistics(hass, [part.entity], period, Date.now() - hours * 3_600_000, ["state", "mean"]) : {};
	return (rows[part?.entity]?.length || 0) >= count;
}

class HausstromStrategy extends HTMLElement {
	static registryDependencies = ["entities", "devices"];
	/** Whether this page had something to show. */
	static seen = false;

	static async generate(_config, hass) {
		// Whether there are statistics does not depend on what is one system: all is asked for at once.
		const { grid, solar, house, produced, imported } = rolesOf(inventory(hass));
		const [texts, about, preferences, minutes, hours] = await Promise.all([
			loadTexts(hass), ask(hass, { type: "hausstrom/home", language: languageOf(hass) }), ask(hass, { type: "energy/get_prefs" }),
			hasRows(hass, grid || solar || house, "5minute", 1, 6), hasRows(hass, produced || imported, "hour", 48, 1),
		]);
		const home = inventory(hass, about);
		const roles = rolesOf(home);
		const planner = home.find(({ entities }) => entities.some((entity) => keyOf(entity) === "peak_shaving_mode"));
		const entry = about?.systems?.find(({ identifier }) => identifier === planner?.id)?.entry_id;
		const plan = await planOf(hass, entry);
		const forecast = roles.solar && preferences?.energy_sources?.some((source) => source.config_entry_solar_forecast?.length);
		// A plan is one system's; a forecast alone is the home's.
		const planned = plan ? rolesOf(home.filter(({ system }) => system === planner.system)) : forecast && roles;
		const scene = { hass, texts, home, about, roles, plan: plan ? entry : undefined, planned, minutes, hours };
		const views = [...nowView(scene), ...buildingView(scene), ...curvesView(scene), ...home.flatMap((item, number) => deviceView(item, scene, number + 1))];
		// A page that draws a home while its last device goes may set this after the dashboard was changed: it says the same.
		const empty = HausstromStrategy.seen ? leftView(texts) : emptyView(hass.user, texts);
		HausstromStrategy.seen ||= views.length > 0;
		return { views: views.length ? views : [empty] };
	}

	static getCreateSuggestions() {
		return { title: "Hausstrom", icon: "mdi:home-lightning-bolt" };
	}
}

// Home Assistant lists the strategies before anything can be asked.
const DESCRIPTIONS = {
	en: "Power and energy of your home, now, today and per device. No configuration needed.", de: "Strom und Energie deines Zuhauses, jetzt, heute und je Gerät. Ohne Konfiguration.",
	it: "L'energia della tua casa: adesso, oggi e per dispositivo. Nessuna configurazione necessaria.", ro: "Energia casei tale: acum, azi și pe dispozitiv. Fără configurare.",
};

define("ll-strategy-dashboard-hausstrom", HausstromStrategy);

window.customStrategies = window.customStrategies || [];
window.customStrategies.push({
	type: "hausstrom", strategyType: "dashboard", name: "Hausstrom", description: DESCRIPTIONS[(document.documentElement.lang || navigator.language).slice(0, 2)] || DESCRIPTIONS.en,
	documentationURL: "https://github.com/hausstrom/hausstrom/blob/main/docs/dashboard.md",
});
