/** The power flow of the home: who feeds whom, in numbers and words. */

import { Card, colorOf, define, escape, partsIn } from "./element.js";
import { feeds, momentOf, silentSince, sumOf, wordOf } from "./moment.js";
import { IDLE_BELOW, percent, power, since } from "./numbers.js";
import { filled } from "./texts.js";

export const FLOW_ROLES = ["solar", "grid", "battery", "level", "house", "ev", "heat_pump", "generator"];

// Material Design Icons (Apache 2.0), 24 by 24.
/** @type {Record<string, string>} */
const ICONS = {
  solar: "M3.33 16H11V13H4L3.33 16M13 16H20.67L20 13H13V16M21.11 18H13V22H22L21.11 18M2 22H11V18H2.89L2 22M11 8H13V11H11V8M15.76 7.21L17.18 5.79L19.3 7.91L17.89 9.33L15.76 7.21M4.71 7.91L6.83 5.79L8.24 7.21L6.12 9.33L4.71 7.91M3 2H6V4H3V2M18 2H21V4H18V2M12 7C14.76 7 17 4.76 17 2H7C7 4.76 9.24 7 12 7Z",
  grid: "M8.28,5.45L6.5,4.55L7.76,2H16.23L17.5,4.55L15.72,5.44L15,4H9L8.28,5.45M18.62,8H14.09L13.3,5H10.7L9.91,8H5.38L4.1,10.55L5.89,11.44L6.62,10H17.38L18.1,11.45L19.89,10.56L18.62,8M17.77,22H15.7L15.46,21.1L12,15.9L8.53,21.1L8.3,22H6.23L9.12,11H11.19L10.83,12.35L12,14.1L13.16,12.35L12.81,11H14.88L17.77,22M11.4,15L10.5,13.65L9.32,18.13L11.4,15M14.68,18.12L13.5,13.64L12.6,15L14.68,18.12Z",
  battery: "M16 20H8V6H16M16.67 4H15V2H9V4H7.33C6.6 4 6 4.6 6 5.33V20.67C6 21.4 6.6 22 7.33 22H16.67C17.41 22 18 21.41 18 20.67V5.33C18 4.6 17.4 4 16.67 4M15 16H9V19H15V16M15 7H9V10H15V7M15 11.5H9V14.5H15V11.5Z",
  house: "M12 3L2 12H5V20H11V14H13V20H19V12H22L12 3Z",
  ev: "M18.92 2C18.72 1.42 18.16 1 17.5 1H6.5C5.84 1 5.29 1.42 5.08 2L3 8V16C3 16.55 3.45 17 4 17H5C5.55 17 6 16.55 6 16V15H18V16C18 16.55 18.45 17 19 17H20C20.55 17 21 16.55 21 16V8L18.92 2M6.5 12C5.67 12 5 11.33 5 10.5S5.67 9 6.5 9 8 9.67 8 10.5 7.33 12 6.5 12M17.5 12C16.67 12 16 11.33 16 10.5S16.67 9 17.5 9 19 9.67 19 10.5 18.33 12 17.5 12M5 7L6.5 2.5H17.5L19 7H5M7 20H11V18L17 21H13V23L7 20Z",
  heat_pump: "M19 3H5C3.9 3 3 3.9 3 5V19C3 20.1 3.9 21 5 21H19C20.1 21 21 20.1 21 19V5C21 3.9 20.1 3 19 3M12.75 7.08C13.57 7.2 14.32 7.5 14.95 8L12.75 10.19V7.08M11.25 7.08V10.19L9.05 8C9.68 7.5 10.43 7.2 11.25 7.08M8 9.05L10.19 11.25H7.08C7.2 10.43 7.5 9.68 8 9.05M7.08 12.75H10.19L8 14.95C7.5 14.32 7.2 13.57 7.08 12.75M11.25 16.92C10.43 16.8 9.68 16.5 9.05 16L11.25 13.81V16.92M12.75 16.92V13.81L14.95 16C14.32 16.5 13.57 16.8 12.75 16.92M16 14.95L13.81 12.75H16.92C16.8 13.57 16.5 14.32 16 14.95Z",
  generator: "M7,4V6H10V8H7L5,10V13H3V10H1V18H3V15H5V18H8L10,20H18V16H20V19H23V9H20V12H18V8H12V6H15V4H7Z",
};

/** Where each node stands, how large it is, and where its name begins. In units of the view box. */
/** @type {Record<string, {x: number, y: number, r: number, name?: [number, number, string]}>} */
const PLACES = {
  solar: { x: 200, y: 50, r: 45, name: [144, 55, "end"] },
  grid: { x: 52, y: 162, r: 45, name: [52, 83, "middle"] },
  house: { x: 346, y: 162, r: 47 },
  battery: { x: 200, y: 270, r: 45, name: [144, 259, "end"] },
  ev: { x: 348, y: 42, r: 32, name: [308, 38, "end"] },
  heat_pump: { x: 348, y: 266, r: 32, name: [346, 316, "middle"] },
  generator: { x: 36, y: 262, r: 32, name: [40, 312, "middle"] },
};

/** @type {Record<string, string>} */
const LINES = {
  solar_house: "M214 98V128Q214 150 236 150H296",
  solar_grid: "M186 98V128Q186 150 164 150H100",
  solar_battery: "M200 98V222",
  grid_house: "M100 162H296",
  grid_battery: "M100 174H164Q186 174 186 196V222",
  battery_house: "M214 222V196Q214 174 236 174H296",
  battery_grid: "M186 222V196Q186 174 164 174H100",
  house_ev: "M348 112V78",
  house_heat_pump: "M348 212V230",
  generator_grid: "M44 226V210",
};

/** How long a dot takes along its line, in s: faster where more flows. @param {number} watts */
export const paceOf = (watts) => Math.round(4 * Math.min(4, Math.max(1, 4 - (3 * Math.log(watts / IDLE_BELOW)) / Math.log(10_000 / IDLE_BELOW)))) / 4;

const STYLE = `ha-card{padding:8px}svg{display:block;width:100%;height:auto;max-height:460px;font-family:inherit}
text{fill:var(--primary-text-color);font-size:16px}text.name{fill:var(--secondary-text-color);font-size:15px}text.number{font-weight:600;font-size:18px}
.small text.number{font-size:16px}.track{fill:none;stroke:var(--divider-color,#8884);stroke-width:2}.line{fill:none;stroke-width:3;stroke-linecap:round;opacity:.55}
.node{cursor:pointer}.disc{fill:var(--card-background-color,#fff)}.ring{fill:none;stroke-width:3;stroke-linecap:round}.tint{opacity:.1}.grey{opacity:.55}
.node:hover .tint{opacity:.2}.dot{stroke:var(--card-background-color,#fff);stroke-width:1}.note{text-align:center;font-size:14px;min-height:20px}
.parts{list-style:none;margin:4px 0 0;padding:0}.parts button{display:flex;justify-content:space-between;width:100%;padding:8px;font-size:14px}`;

class FlowCard extends Card {
  every = 3_600_000;
  style_ = STYLE;
  _open = "";
  _still = matchMedia("(prefers-reduced-motion: reduce)");

  connectedCallback() {
    super.connectedCallback();
    this._visibility = () => this._motion();
    document.addEventListener("visibilitychange", this._visibility);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this._visibility || (() => {}));
  }

  getCardSize() {
    return 7;
  }

  get roles() {
    return Object.fromEntries(FLOW_ROLES.map((role) => [role, partsIn(this.config[role])]).filter(([, parts]) => parts.length));
  }

  render() {
    const roles = this.roles;
    const nodes = Object.keys(PLACES).filter((role) => roles[role] || role === "house");
    const moment = momentOf(roles, this.hass.states);
    const shown = nodes.filter((role) => role !== "generator" || (moment.generator || 0) >= IDLE_BELOW);
    if (this.show(this.skeleton(shown, roles))) this.listen(roles);
    this.update(shown, roles, moment);
  }

  /** @param {string[]} nodes @param {Record<string, any>} roles */
  skeleton(nodes, roles) {
    const lines = Object.entries(LINES).filter(([name]) => endsOf(name).every((role) => nodes.includes(role)));
    return `<svg viewBox="0 0 400 320" role="img"><g>${lines.map(([, d]) => `<path class="track" d="${d}"/>`).join("")}</g>
<g>${lines.map(([name, d]) => `<path class="line" id="${name}" d="${d}" style="stroke:${colorOf(sourceColor(name))}" visibility="hidden"/><g id="dots-${name}"></g>`).join("")}</g>
${nodes.map((role) => this.node(role, Boolean(roles[role]))).join("")}</svg><div class="note dim" id="note"></div>${this._open ? `<ul class="parts"></ul>` : ""}`;
  }

  /** @param {string} role @param {boolean} known */
  node(role, known) {
    const { x, y, r, name } = PLACES[role];
    const size = r > 40 ? 26 : 18;
    const top = y - (role === "house" ? 38 : r > 40 ? 32 : 25);
    return `<g class="node ${r > 40 ? "" : "small"}" id="${role}" ${known ? 'role="button" tabindex="0"' : ""} style="--role:${colorOf(roleColor(role, ""))}">
<circle class="disc" cx="${x}" cy="${y}" r="${r}"/><circle class="tint" cx="${x}" cy="${y}" r="${r}" fill="var(--role)"/>
<circle class="ring" cx="${x}" cy="${y}" r="${r}" style="stroke:var(--role)" opacity="${role === "battery" || role === "house" ? 0.25 : 1}"/>
${role === "battery" ? `<circle class="ring" id="gauge" cx="${x}" cy="${y}" r="${r}" style="stroke:var(--role)" stroke-width="4" pathLength="100" transform="rotate(-90 ${x} ${y})"/>` : ""}
${role === "house" ? ["solar", "battery", "grid"].map((source) => `<circle class="ring share" id="share-${source}" cx="${x}" cy="${y}" r="${r}" pathLength="100" transform="rotate(-90 ${x} ${y})" style="stroke:${colorOf(roleColor(source, "source"))};stroke-linecap:butt;stroke-width:4"/>`).join("") : ""}
<path d="${ICONS[role]}" transform="translate(${x - size / 2} ${top}) scale(${size / 24})" fill="var(--role)"/>
<text class="number" id="number-${role}" x="${x}" y="${y + (role === "house" ? 10 : r > 40 ? 17 : 16)}" text-anchor="middle"></text>
${role === "house" ? `<text class="name" x="${x}" y="${y + 30}" text-anchor="middle">${this.texts.house}</text>` : ""}
${name ? `<text class="name" x="${name[0]}" y="${name[1]}" text-anchor="${name[2]}">${escape(this.texts[role])}</text>` : ""}
${name && ["grid", "battery"].includes(role) ? `<text id="word-${role}" x="${name[0]}" y="${name[1] + 20}" text-anchor="${name[2]}"></text>` : ""}
${role === "battery" ? `<text id="level" x="144" y="299" text-anchor="end"></text>` : ""}</g>`;
  }

  /** @param {Record<string, import("./home.js").Part[]>} roles */
  listen(roles) {
    for (const node of this.all(".node[tabindex]")) {
      const tap = () => {
        const parts = roles[node.id];
        if (parts.length === 1) this.open(parts[0].entity);
        else this._open = this._open === node.id ? "" : node.id;
        this._drawn = 0;
        this.draw();
      };
      node.addEventListener("click", tap);
      node.addEventListener("keydown", (event) => ["Enter", " "].includes(/** @type {KeyboardEvent} */ (event).key) && (event.preventDefault(), tap()));
    }
  }

  /** @param {string} id @returns {SVGElement | null} */
  at(id) {
    return /** @type {ShadowRoot} */ (this.shadowRoot).querySelector(`#${id}`);
  }

  /** @param {string} selector @returns {Element[]} */
  all(selector) {
    return [.../** @type {ShadowRoot} */ (this.shadowRoot).querySelectorAll(selector)];
  }

  /** @param {string} id @param {string} text */
  write(id, text) {
    const place = this.at(id);
    if (place && place.textContent !== text) place.textContent = text;
  }

  /** @param {string[]} nodes @param {Record<string, any>} roles @param {import("./moment.js").Moment} moment */
  update(nodes, roles, moment) {
    const { texts, writing } = this;
    const sentences = [];
    for (const role of nodes) {
      const watts = /** @type {Record<string, number | null>} */ (/** @type {unknown} */ (moment))[role];
      const word = wordOf(role, watts);
      // A house with nothing but a meter: what it takes is not measured, and no dash says more.
      const open = role === "house" && !roles.house && !(roles.solar || roles.battery);
      const text = open ? "" : word === "idle" ? (["grid", "battery"].includes(role) ? "" : texts.idle) : power(watts, writing);
      const node = /** @type {SVGElement} */ (this.at(role));
      const level = role === "battery" && moment.level !== null ? percent(moment.level, writing) : "";
      this.write(`number-${role}`, text);
      this.write(`word-${role}`, word ? texts[word] : "");
      node.style.setProperty("--role", watts === null && !open ? "var(--disabled-text-color,#999)" : colorOf(roleColor(role, word)));
      const sentence = [texts[role] + ":", word && texts[word], word === "idle" ? "" : text, level].filter(Boolean).join(" ");
      if (!open) node.setAttribute("aria-label", sentence);
      if (!open) sentences.push(sentence);
    }
    if (nodes.includes("battery")) this.charge(moment);
    this.at("note")?.replaceChildren(this.note(roles));
    /** @type {Element} */ (this.all("svg")[0]).setAttribute("aria-label", `${texts.flow}. ${sentences.join(". ")}`);
    this.flows({ ...feeds(moment), house_ev: moment.ev || 0, house_heat_pump: moment.heat_pump || 0, generator_grid: moment.generator || 0 });
    this.listParts(roles);
  }

  /** @param {import("./moment.js").Moment} moment */
  charge({ level }) {
    this.write("level", level === null ? "" : percent(level, this.writing));
    this.at("gauge")?.setAttribute("stroke-dasharray", `${level ?? 0} 100`);
  }

  /** Why a number is missing. @param {Record<string, any>} roles */
  note(roles) {
    const silent = Object.values(roles).map((parts) => silentSince(this.hass.states, parts)).filter((one) => one !== null);
    if (silent.length) return filled(this.texts.no_data, { time: since(Math.max(...silent), Date.now(), this.writing) });
    const known = Object.values(roles).some((parts) => sumOf(this.hass.states, parts) !== null);
    return known ? "" : this.texts.waiting;
  }

  /** @param {Record<string, number>} watts */
  flows(watts) {
    const total = ["solar", "battery", "grid"].reduce((sum, source) => sum + (watts[`${source}_house`] || 0), 0);
    let before = 0;
    for (const source of ["solar", "battery", "grid"]) {
      const part = total >= IDLE_BELOW ? (100 * (watts[`${source}_house`] || 0)) / total : 0;
      const ring = this.at(`share-${source}`);
      ring?.setAttribute("stroke-dasharray", `${part} 100`);
      ring?.setAttribute("stroke-dashoffset", String(-before));
      ring?.setAttribute("visibility", part ? "visible" : "hidden");
      before += part;
    }
    for (const name of Object.keys(LINES)) {
      const line = this.at(name);
      if (!line) continue;
      const flowing = watts[name] >= IDLE_BELOW;
      const pace = flowing ? (this._still.matches ? "still" : String(paceOf(watts[name]))) : "";
      line.setAttribute("visibility", flowing ? "visible" : "hidden");
      const dots = /** @type {SVGElement} */ (this.at(`dots-${name}`));
      if (dots.getAttribute("data-pace") === pace) continue;
      dots.setAttribute("data-pace", pace);
      dots.innerHTML = pace === "" ? "" : pace === "still" ? arrow(name) : moving(name, Number(pace));
    }
    this._motion();
  }

  _motion() {
    const svg = /** @type {SVGSVGElement | undefined} */ (this.all("svg")[0]);
    if (document.hidden) svg?.pauseAnimations();
    else svg?.unpauseAnimations();
  }

  /** What a sum is made of. @param {Record<string, import("./home.js").Part[]>} roles */
  listParts(roles) {
    const list = this.all(".parts")[0];
    if (!this._open || !list) return;
    const html = roles[this._open].map((part) => {
      const watts = sumOf(this.hass.states, [part]);
      const word = wordOf(this._open, watts);
      return `<li><button data-entity="${escape(part.entity)}"><span>${escape(part.name || part.entity)}</span><span>${word ? this.texts[word] : ""} ${word === "idle" ? "" : power(watts, this.writing)}</span></button></li>`;
    }).join("");
    if (list.innerHTML === html) return;
    list.innerHTML = html;
    for (const button of list.querySelectorAll("button")) button.addEventListener("click", () => this.open(button.dataset.entity));
  }
}

const ROLE_NAMES = Object.keys(PLACES);
/** @param {string} line @returns {string[]} source and sink */
export function endsOf(line) {
  const source = /** @type {string} */ (ROLE_NAMES.find((role) => line.startsWith(`${role}_`)));
  return [source, line.slice(source.length + 1)];
}

/** @param {string} line */
const sourceColor = (line) => {
  const [source, sink] = endsOf(line);
  return source === "house" ? sink : source === "grid" ? "import" : source === "battery" ? "discharging" : source;
};

/** @param {string} role @param {string} word what it does */
function roleColor(role, word) {
  if (role === "grid") return word === "exporting" ? "export" : "import";
  if (role === "battery") return word === "charging" ? "charging" : "discharging";
  return role;
}

/** @param {string} name @param {number} seconds */
const moving = (name, seconds) =>
  [0, 1, 2].map((number) => `<circle class="dot" r="4.5" fill="${colorOf(sourceColor(name))}"><animateMotion dur="${seconds}s" begin="${(-number * seconds) / 3}s" repeatCount="indefinite" path="${LINES[name]}"/></circle>`).join("");

/** An arrow head at a line's end, for those who want no motion. @param {string} name */
const arrow = (name) =>
  `<path d="M-9 -6L3 0L-9 6Z" fill="${colorOf(sourceColor(name))}"><animateMotion dur="1ms" fill="freeze" rotate="auto" keyPoints="1;1" keyTimes="0;1" path="${LINES[name]}"/></path>`;

define("hausstrom-flow-card", FlowCard);
