/**
 * A dashboard that builds itself from the devices of Hausstrom. Use: `strategy: {type: custom:hausstrom}`.
 *
 * Depends on nothing. Rows, tiles and graphs are Home Assistant's own cards; the power flow, today, the battery,
 * the plan and a building's consumption are ours, and usable by hand.
 */

import "./battery-card.js";
import "./consumption-card.js";
import "./today-card.js";
import { deviceView } from "./device-view.js";
import { ask, define } from "./element.js";
import { inventory, rolesOf } from "./home.js";
import { planOf } from "./plan-card.js";
import { textsOf } from "./texts.js";
import { buildingView, curvesView, emptyView, nowView } from "./views.js";

/**
 * Tell whether there are statistics of the last time for a value.
 * @param {Hass} hass
 * @param {import("./home.js").Part[] | undefined} parts
 * @param {"5minute" | "hour"} period
 * @param {number} minutes
 */
async function hasStatistics(hass, parts, period, minutes) {
  const id = parts?.[0]?.entity;
  const found = id && (await ask(hass, {
    type: "recorder/statistics_during_period", statistic_ids: [id], period, start_time: new Date(Date.now() - minutes * 60_000).toISOString(), types: ["state", "mean"],
  }));
  return (found?.[id]?.length || 0) >= (period === "hour" ? 1 : 6);
}

class HausstromDashboardStrategy extends HTMLElement {
  static registryDependencies = ["entities", "devices"];

  /** @param {unknown} _config @param {Hass} hass */
  static async generate(_config, hass) {
    const texts = textsOf(hass.locale?.language || hass.language);
    const about = await ask(hass, { type: "hausstrom/home" });
    const home = inventory(hass, about);
    const roles = rolesOf(home);
    const planner = home.find(({ kind, entities }) => kind === "senec_cloud" && entities.some(({ translation_key }) => /^peak_shaving/.test(translation_key || "")));
    const plan = planner && about?.systems?.find((/** @type {any} */ one) => one.identifier === planner.id)?.entry_id;
    const [preferences, planned, minutes, hours] = await Promise.all([
      ask(hass, { type: "energy/get_prefs" }), planOf(hass, plan),
      hasStatistics(hass, roles.grid || roles.solar || roles.house, "5minute", 60),
      hasStatistics(hass, roles.produced || roles.imported, "hour", 48 * 60),
    ]);
    const forecast = (preferences?.energy_sources || []).some((/** @type {any} */ source) => source.config_entry_solar_forecast?.length);
    const scene = { hass, texts, home, about, plan: planned ? plan : undefined, hasPlan: Boolean(planned) || (forecast && Boolean(roles.solar)), minutes, hours };
    const views = [...nowView(scene), ...buildingView(scene), ...curvesView(scene), ...home.flatMap((item, number) => deviceView(item, scene, number + 1))];
    return { views: views.length ? views : [emptyView(hass, texts)] };
  }

  static getCreateSuggestions() {
    return { title: "Hausstrom", icon: "mdi:home-lightning-bolt" };
  }
}

define("ll-strategy-dashboard-hausstrom", HausstromDashboardStrategy);

const page = /** @type {any} */ (window);
page.customStrategies = page.customStrategies || [];
page.customStrategies.push({
  type: "hausstrom", strategyType: "dashboard", name: "Hausstrom",
  description: textsOf(document.documentElement.lang || navigator.language).description,
  documentationURL: "https://github.com/hausstrom/hausstrom/blob/main/docs/dashboard.md",
});
