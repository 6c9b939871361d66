/** The modules under test, without a browser, and the cases of the project where they stand beside it. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
const FRONTEND = new URL("custom_components/hausstrom/frontend/", ROOT);

globalThis.HTMLElement ??= class {};
/** The elements that the modules have registered, by name. */
export const elements = {};
globalThis.customElements ??= { get: (name) => elements[name], define: (name, element) => (elements[name] = element) };
globalThis.matchMedia ??= () => ({ matches: true });
globalThis.document ??= { documentElement: { lang: "en" }, hidden: false };
globalThis.window ??= globalThis;

/** Import a module of the dashboard. */
export const load = (name) => import(new URL(`${name}.js`, FRONTEND).href);

/** Return the cases of a file of the project; none where it stands alone. */
export function cases(name) {
  const file = fileURLToPath(new URL(`../shared/cases/home/${name}.json`, ROOT));
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

/** A text with plain spaces. */
export const spaced = (text) => text.replace(/[\u202f\u00a0]/g, " ");

export const EN = { language: "en", numbers: "en", grouping: true, zone: "UTC", cycle: "h23", currency: "EUR" };
export const DE = { ...EN, language: "de", numbers: "de" };

/** An entity's state as the page has it. */
export const state = (value, unit = "W", more = {}) => ({ state: String(value ?? "unknown"), attributes: { unit_of_measurement: unit }, ...more });

/** The texts of the dashboard, from the integration's translations. */
export function texts(language) {
  const { common } = JSON.parse(readFileSync(fileURLToPath(new URL(`custom_components/hausstrom/translations/${language}.json`, ROOT)), "utf8"));
  return Object.fromEntries(Object.entries(common).filter(([key]) => key.startsWith("dashboard_")).map(([key, text]) => [key.slice("dashboard_".length), text]));
}

/** The modules as they are written: [name, source]. */
export const sources = () => readdirSync(fileURLToPath(FRONTEND)).filter((name) => name.endsWith(".js")).map((name) => [name, readFileSync(new URL(name, FRONTEND), "utf8")]);
