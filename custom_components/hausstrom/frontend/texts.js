/** What the dashboard says: the texts of the integration, in the language of the page. */

const PREFIX = "component.hausstrom.common.dashboard_";
/** @type {Record<string, Record<string, string>>} language → key → text */
const known = {};

export const languageOf = (hass) => hass.locale?.language || hass.language || "en";

/** Return the texts for a page; undefined until they have been loaded. */
export const textsOf = (hass) => known[languageOf(hass)];

/** Load the texts for a page, English where a language has none; undefined where there is no answer. */
export async function loadTexts(hass) {
	const language = languageOf(hass);
	known[language] ??= await hass.callWS({ type: "frontend/get_translations", language, category: "common", integration: ["hausstrom"] }).then(
		({ resources }) => Object.fromEntries(Object.entries(resources).filter(([key]) => key.startsWith(PREFIX)).map(([key, text]) => [key.slice(PREFIX.length), text])), () => undefined,
	);
	return known[language];
}

/** Put values into a text's places, such as {time}. */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
