/** Cards and sections of Home Assistant's own, and how they are laid out. */

/** @typedef {Record<string, any>} Config */

/** @param {string} text @param {string} icon @param {Config} [more] @returns {Config} */
export const heading = (text, icon, more = {}) => ({ type: "heading", heading: text, icon, heading_style: "title", ...more });

/** @param {Config[]} cards @param {Config} [more] @returns {Config} */
export const section = (cards, more = {}) => ({ type: "grid", cards, ...more });

/** @param {number} columns @param {number} [rows] @returns {Config} */
export const width = (columns, rows) => ({ grid_options: rows ? { columns, rows } : { columns } });

export const full = { grid_options: { columns: "full" } };

/** @param {string} path @param {string} title @param {string | undefined} icon @param {Config[]} sections @param {Config} [more] @returns {Config} */
export const view = (path, title, icon, sections, more = {}) => ({
  type: "sections", path, title, ...(icon ? { icon } : {}), max_columns: 3, dense_section_placement: true, sections, ...more,
});

/** So many characters of a name fit into a tile of half a section; measured at 1400 and 390 px. */
const FITS = 13;

/**
 * How wide a tile is: half a section, or all of it where its name is long.
 * @param {string} name
 */
export const widthFor = (name) => width(name.length <= FITS ? 6 : 12);

/**
 * Lay out cards that are 6 wide so that none stands alone beside a gap.
 * @param {Config[]} cards
 */
export function paired(cards) {
  /** @type {Config | null} */
  let open = null;
  for (const card of cards) {
    const wide = card.grid_options?.columns !== 6;
    if (wide && open) Object.assign(open, width(12));
    open = wide || open ? null : card;
  }
  if (open) Object.assign(open, width(12));
  return cards;
}
