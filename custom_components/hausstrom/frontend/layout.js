/** Cards and sections of Home Assistant's own, and how they are laid out. */

export const heading = (text, icon, more = {}) => ({ type: "heading", heading: text, icon, heading_style: "title", ...more });
export const section = (cards, more = {}) => ({ type: "grid", cards, ...more });
export const width = (columns) => ({ grid_options: { columns } });
export const full = width("full");
export const view = (path, title, icon, sections, more = {}) =>
	({ type: "sections", path, title, ...(icon && { icon }), max_columns: 3, dense_section_placement: true, sections, ...more });

/** So many characters of a name fit into a tile of half a section; measured at 1400 and 390 px. */
export const FITS = 13;
export const widthFor = (name) => width(name.length <= FITS ? 6 : 12);

/** Lay out cards that are 6 wide so that none stands alone beside a gap. */
export function paired(cards) {
	let open = null;
	for (const card of cards) {
		const wide = card.grid_options?.columns !== 6;
		if (wide && open) Object.assign(open, width(12));
		open = wide || open ? null : card;
	}
	if (open) Object.assign(open, width(12));
	return cards;
}
