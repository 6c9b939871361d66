/** The power flow of the home: who feeds whom, in numbers and words. */

import { Card, colorOf, define, escape, partsIn } from "./element.js";
import { feeds, momentOf, silentSince, sumOf, wordOf } from "./moment.js";
import { IDLE_BELOW, percent, power, since } from "./numbers.js";
import { filled } from "./texts.js";

export const FLOW_ROLES = ["solar", "grid", "battery", "level", "house", "ev", "heat_pump", "generator"];

/** Role → place, radius, icon, and where its name stands, in units of the view box. */
const NODES = {
	solar: [200, 50, 45, "solar-power-variant", 144, 55, "end"],
	grid: [52, 162, 45, "transmission-tower", 52, 83, "middle"],
	house: [346, 162, 47, "home"],
	battery: [200, 270, 45, "home-battery", 144, 259, "end"],
	ev: [348, 42, 32, "car-electric", 308, 38, "end"],
	heat_pump: [348, 266, 32, "heat-pump", 398, 317, "end"],
	generator: [36, 262, 32, "engine", 40, 312, "middle"],
};
/** Source and sink → line. */
const LINES = {
	"solar house": "M214 98V128Q214 150 236 150H296", "solar grid": "M186 98V128Q186 150 164 150H100", "solar battery": "M200 98V222",
	"grid house": "M100 162H296", "grid battery": "M100 174H164Q186 174 186 196V222", "battery house": "M214 222V196Q214 174 236 174H296",
	"battery grid": "M186 222V196Q186 174 164 174H100", "house ev": "M348 112V78", "house heat_pump": "M348 212V230", "generator grid": "M44 226V210",
};
const SOURCES = ["solar", "battery", "grid"];

/** Return how long a dot takes along its line, in s: faster where more flows. */
export const paceOf = (watts) => Math.round(4 * Math.min(4, Math.max(1, 4 - (3 * Math.log(watts / IDLE_BELOW)) / Math.log(10_000 / IDLE_BELOW)))) / 4;

/** Return the colour of a role that does what the word says. */
export const tint = (role, word = "") =>
	colorOf({ grid: word === "exporting" ? "export" : "import", battery: word === "charging" ? "charging" : "discharging" }[role] || role);
const lineTint = (name) => tint(name.split(" ")[name.startsWith("house") ? 1 : 0]);
const idOf = (name) => name.replace(" ", "-");

const moving = (name, seconds) =>
	[0, 1, 2].map((number) => `<circle r="4.5" fill="${lineTint(name)}"><animateMotion dur="${seconds}s" begin="${(-number * seconds) / 3}s" repeatCount="indefinite" path="${LINES[name]}"/></circle>`).join("");
// For those who want no motion: an arrow head where the line ends.
const still = (name) =>
	`<path d="M-9 -6L3 0L-9 6Z" fill="${lineTint(name)}"><animateMotion dur="1ms" fill="freeze" rotate="auto" keyPoints="1;1" keyTimes="0;1" path="${LINES[name]}"/></path>`;

class FlowCard extends Card {
	every = 3_600_000;
	style_ = `ha-card{padding:8px}svg{display:block;width:100%;max-height:460px;overflow:visible}text{fill:var(--primary-text-color);font-size:17px}.name{fill:var(--secondary-text-color)}
.number{font-weight:600;font-size:19px}.small .number{font-size:17px}.track,.line{fill:none;stroke-linecap:round}.track{stroke:var(--divider-color,#8884);stroke-width:2}.line{stroke-width:3;opacity:.55}
[role=button]{cursor:pointer}.disc{fill:var(--card-background-color,#fff)}.tint{opacity:.1}[role=button]:hover .tint{opacity:.2}.ring{fill:none;stroke:var(--role);stroke-width:3}ha-icon{display:block;color:var(--role)}
.note{text-align:center;font-size:14px}ul{list-style:none;margin:4px 0 0;padding:0}li button{display:flex;justify-content:space-between;width:100%;padding:8px}
@container (max-width:330px){text,.small .number{font-size:19px}.number{font-size:20px}}`;
	_open = "";
	_motion = matchMedia("(prefers-reduced-motion: reduce)");
	_seen = () => this.animate_();

	connectedCallback() {
		super.connectedCallback();
		document.addEventListener("visibilitychange", this._seen);
	}

	disconnectedCallback() {
		super.disconnectedCallback();
		document.removeEventListener("visibilitychange", this._seen);
	}

	render() {
		const roles = Object.fromEntries(FLOW_ROLES.map((role) => [role, partsIn(this.config[role])]).filter(([, parts]) => parts.length));
		const moment = momentOf(roles, this.hass.states);
		const nodes = Object.keys(NODES).filter((role) => (role === "generator" ? moment.generator >= IDLE_BELOW : roles[role] || role === "house"));
		if (this.show(this.skeleton(nodes, roles))) this.listen(roles);
		this.update(nodes, roles, moment);
	}

	skeleton(nodes, roles) {
		const lines = Object.keys(LINES).filter((name) => name.split(" ").every((role) => nodes.includes(role)));
		return `<svg viewBox="0 0 400 320" role="img">${lines.map((name) => `<path class="track" d="${LINES[name]}"/>`).join("")}
${lines.map((name) => `<path class="line" id="${idOf(name)}" d="${LINES[name]}" stroke="${lineTint(name)}"/><g id="dots-${idOf(name)}"></g>`).join("")}
${nodes.map((role) => this.node(role, roles[role])).join("")}</svg><div class="note dim"></div>${this._open && "<ul></ul>"}`;
	}

	node(role, known) {
		const [x, y, r, icon, nameX, nameY, anchor] = NODES[role];
		const [big, house, battery] = [r > 40, role === "house", role === "battery"];
		const size = big ? 26 : 20;
		const ring = (id, more = "") => `<circle class="ring" id="${id}" cx="${x}" cy="${y}" r="${r}" pathLength="100" transform="rotate(-90 ${x} ${y})" ${more}/>`;
		const text = (id, left, top, at, name = "") => `<text ${id} x="${left}" y="${top}" text-anchor="${at}">${name}</text>`;
		return `<g id="${role}" class="${big ? "" : "small"}" ${known ? 'role="button" tabindex="0"' : ""}><circle class="disc" cx="${x}" cy="${y}" r="${r}"/>
<circle class="tint" cx="${x}" cy="${y}" r="${r}" fill="var(--role)"/>${ring("", house || battery ? 'opacity=".25"' : "")}${battery ? ring("gauge", 'stroke-width="4"') : ""}
${house ? SOURCES.map((source) => ring(`share-${source}`, `style="stroke:${tint(source)};stroke-width:4"`)).join("") : ""}
<foreignObject x="${x - size / 2}" y="${y - (house ? 39 : big ? 34 : 26)}" width="${size}" height="${size}"><ha-icon icon="mdi:${icon}" style="--mdc-icon-size:${size}px"></ha-icon></foreignObject>
${text('class="number"', x, y + (house ? 10 : 16), "middle")}${house ? text('class="name"', x, y + 30, "middle", this.texts.house) : text('class="name"', nameX, nameY, anchor, this.texts[role])}
${role === "grid" || battery ? text('class="word"', nameX, nameY + 20, anchor) : ""}${battery ? text('class="level"', nameX, nameY + 40, anchor) : ""}</g>`;
	}

	listen(roles) {
		for (const node of this.all("g[tabindex]")) {
			const tap = () => {
				const parts = roles[node.id];
				if (parts.length === 1) return this.open(parts[0].entity);
				this._open = this._open === node.id ? "" : node.id;
				this.draw(true);
			};
			node.addEventListener("click", tap);
			node.addEventListener("keydown", ({ key }) => (key === "Enter" || key === " ") && tap());
		}
	}

	update(nodes, roles, moment) {
		const { texts, writing } = this;
		const level = moment.level === null ? "" : percent(moment.level, writing);
		const sentences = nodes.map((role) => {
			const watts = moment[role];
			const word = wordOf(role, watts);
			const idle = word === "idle";
			// A home with nothing but a meter: what the house takes is not measured, and a dash says no more.
			const unmeasured = role === "house" && !roles.house && !roles.solar && !roles.battery;
			// The small nodes hold a number, but not every language's word for idle.
			const number = unmeasured ? "" : idle && NODES[role][2] > 40 ? texts.idle : power(idle ? 0 : watts, writing);
			const said = !idle && texts[word];
			const under = [said, role === "battery" && level].filter(Boolean);
			this.put(`#${role} .number`, number);
			this.put(`#${role} .word`, under[0] || "");
			this.put(`#${role} .level`, under[1] || "");
			const sentence = `${texts[role]}: ${[said, number, role === "battery" && level].filter(Boolean).join(" ")}`;
			const node = this.at(`#${role}`);
			node.style.setProperty("--role", watts === null && !unmeasured ? "var(--disabled-text-color,#999)" : tint(role, word));
			node.setAttribute("aria-label", sentence);
			return sentence;
		});
		this.at("svg").setAttribute("aria-label", `${texts.flow}. ${sentences.join(". ")}`);
		this.at("#gauge")?.setAttribute("stroke-dasharray", `${moment.level || 0} 100`);
		this.put(".note", this.note(roles));
		const watts = Object.fromEntries(Object.entries(feeds(moment)).map(([line, value]) => [line.replace("_", " "), value]));
		this.flows({ ...watts, "house ev": moment.ev, "house heat_pump": moment.heat_pump, "generator grid": moment.generator });
		if (this.put("ul", (roles[this._open] || []).map((part) => this.piece(part)).join(""))) this.listenTo("li button", (button) => this.open(button.dataset.entity));
	}

	/** One of what a sum is made of. */
	piece(part) {
		return `<li><button data-entity="${escape(part.entity)}"><span>${escape(part.name || part.entity)}</span><span>${this.said(this._open, sumOf(this.hass.states, [part]))}</span></button></li>`;
	}

	/** Why a number is missing. */
	note(roles) {
		const { states } = this.hass;
		const silent = Object.values(roles).map((parts) => silentSince(states, parts)).filter(Boolean);
		if (silent.length) return filled(this.texts.no_data, { time: since(Math.max(...silent), Date.now(), this.writing) });
		return Object.values(roles).some((parts) => sumOf(states, parts) !== null) ? "" : this.texts.waiting;
	}

	flows(watts) {
		const all = SOURCES.reduce((sum, source) => sum + (watts[`${source} house`] || 0), 0);
		let before = 0;
		for (const source of SOURCES) {
			const part = all >= IDLE_BELOW ? (100 * watts[`${source} house`]) / all : 0;
			const ring = this.at(`#share-${source}`);
			ring.setAttribute("stroke-dasharray", `${part} 100`);
			ring.setAttribute("stroke-dashoffset", String(-before));
			ring.setAttribute("visibility", part ? "visible" : "hidden");
			before += part;
		}
		for (const name of Object.keys(LINES)) {
			const flowing = watts[name] >= IDLE_BELOW;
			this.at(`#${idOf(name)}`)?.setAttribute("visibility", flowing ? "visible" : "hidden");
			this.put(`#dots-${idOf(name)}`, flowing ? (this._motion.matches ? still(name) : moving(name, paceOf(watts[name]))) : "");
		}
		this.animate_();
	}

	animate_() {
		this.at("svg")?.[document.hidden ? "pauseAnimations" : "unpauseAnimations"]();
	}
}

define("hausstrom-flow-card", FlowCard);
