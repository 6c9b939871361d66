/** What the dashboard says: the texts of the integration, in the language of the page. */

// Category of the translations → where in it our texts begin, and what they are called here.
const PLACES = { common: ["common.dashboard_", ""], selector: ["selector.peak_shaving_reason.options.", "reason_"] };
/** @type {Record<string, Record<string, string>>} language → key → text */
const known = {};

export const languageOf = (hass) => hass.locale?.language || hass.language || "en";

/** Return the texts for a page; undefined until they have been loaded. */
export const textsOf = (hass) => known[languageOf(hass)];

/** Load the texts for a page, English where a language has none; undefined where there is no answer. */
export async function loadTexts(hass) {
	const language = languageOf(hass);
	known[language] ??= await Promise.all(Object.entries(PLACES).map(async ([category, [begin, name]]) => {
		const { resources } = await hass.callWS({ type: "frontend/get_translations", language, category, integration: ["hausstrom"] });
		const prefix = `component.hausstrom.${begin}`;
		return Object.entries(resources).filter(([key]) => key.startsWith(prefix)).map(([key, text]) => [name + key.slice(prefix.length), text]);
	})).then((found) => Object.fromEntries(found.flat()), () => undefined);
	return known[language];
}

/** Put values into a text's places, such as {time}. */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
