/** A building's consumption: meters by unit (a flat, a shop) and medium. Meter: {unit, medium, entity, number, name, heard, billing}. */

/** The columns, in their order. */
export const MEDIA = ["cold", "warm", "heat", "cooling", "electricity", "gas", "heat_cost"];

/** Return the rows [unit, meters] in the order of their names; of those that a search finds. */
export function rowsOf(meters, search = "") {
	const units = new Map();
	for (const meter of meters) {
		const { unit, number, name } = meter;
		if ([unit, number, name].some((text) => text?.toLowerCase().includes(search.trim().toLowerCase()))) units.set(unit, [...(units.get(unit) || []), meter]);
	}
	return [...units].sort(([one], [other]) => one.localeCompare(other, undefined, { numeric: true }));
}

/** Return CSV (RFC 4180); a cell that a spreadsheet would take for a formula is text. */
export const csvOf = (rows) =>
	rows.map((row) => row.map((cell) => {
		const text = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell ?? "");
		return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
	}).join(",")).join("\r\n");
