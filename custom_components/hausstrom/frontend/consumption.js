/** A building's consumption: meters by unit (a flat, a shop) and medium. Meter: {unit, medium, entity, number, name}. */

/** Medium → the types of its meters, in the order of the columns. */
export const MEDIA = {
	cold: ["cold_water", "water", "dual_water"], warm: ["warm_water", "hot_water"], heat: ["heat", "heat_cooling"],
	cooling: ["cooling"], electricity: ["electricity"], gas: ["gas"], heat_cost: ["heat_cost_allocator"],
};
export const mediumOf = (type) => Object.keys(MEDIA).find((medium) => MEDIA[medium].includes(type));

const WORDS = /(^|[\s,;:./_()-])(cold|warm|hot|heat(ing)?|water|electricity|power|gas|cooling|meter|kalt|warm|(kalt|warm)?wasser(zähler)?|wärme(mengen)?(zähler)?|heizung|hkv|wmz|kw|ww|strom(zähler)?|kälte|zähler|acqua|fredda|calda|calore|riscaldamento|elettricità|contatore|apă|rece|caldă|căldură|electricitate|gaz|contor)(?=$|[\s,;:./_()-])/giu;

/** Return what a label names beside the medium: "Top 1 Kaltwasser" is of "Top 1". */
export function unitOf(label) {
	const rest = label.replace(WORDS, "$1").replace(WORDS, "$1").replace(/\(\s*\)/g, "");
	return rest.replace(/^[\s,;:./_-]+|[\s,;:./_-]+$/g, "").replace(/\s{2,}/g, " ") || label;
}

/** Return the rows [unit, meters] in the order of their names; of those that a search finds. */
export function rowsOf(meters, search = "") {
	const found = meters.filter(({ unit, number, name }) => [unit, number, name].some((text) => text?.toLowerCase().includes(search.trim().toLowerCase())));
	return [...new Set(found.map(({ unit }) => unit))].map((unit) => /** @type {[string, any[]]} */ ([unit, found.filter((one) => one.unit === unit)])).sort(([one], [other]) => one.localeCompare(other, undefined, { numeric: true }));
}

/** Return CSV (RFC 4180); a cell that a spreadsheet would take for a formula is text. */
export const csvOf = (rows) =>
	rows.map((row) => row.map((cell) => {
		const text = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell ?? "");
		return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
	}).join(",")).join("\r\n");
