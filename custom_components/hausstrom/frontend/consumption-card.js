/** The consumption of a building: units by media, today, this month, this year. */

import { csvOf, MEDIA, rowsOf } from "./consumption.js";
import { Card, ask, colorOf, define, escape } from "./element.js";
import { factorOf, valueOf } from "./moment.js";
import { DASH, day, energy, number, since, startOf, volume } from "./numbers.js";
import { counted, countedNow, statistics } from "./recorded.js";
import { filled } from "./texts.js";

const TINTS = { cold: "cold", warm: "warm", heat: "heat", cooling: "import", electricity: "solar", gas: "generator", heat_cost: "heat" };
const PERIODS = { today: "day", month: "month", year: "year" };
const [MANY, SHOWN, ROW] = [100, 60, 44];

class ConsumptionCard extends Card {
	style_ = `.bar,.note{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center}.tab{padding:7px 14px;border-radius:18px;border:1px solid var(--divider-color,#8886)}.tab[aria-pressed=true]{background:var(--primary-color);color:var(--text-primary-color,#fff)}
input{flex:1;min-width:100px;font:inherit;padding:6px 12px;border-radius:18px;border:1px solid var(--divider-color,#8886);background:none;color:inherit}.csv{color:var(--primary-color)}.many{max-height:70vh;overflow-y:auto}
.tr{display:grid;grid-template-columns:minmax(90px,1.4fr) repeat(var(--columns),minmax(70px,1fr));gap:2px 10px;align-items:center;width:100%;min-height:${ROW}px;border-bottom:1px solid var(--divider-color,#8883);font-size:14px}
.tr>:not(:first-child){text-align:end}.tr [style]::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;background:var(--of);margin-inline-end:6px}.sum{font-weight:600}
.more button{display:grid;grid-template-columns:1fr auto;gap:2px 12px;width:100%;padding:6px 12px}svg{grid-column:1/-1;width:100%;height:36px}.note{font-size:13px;margin-top:8px}.alert{color:var(--error-color)}
@container (max-width:560px){.tr{display:flex;flex-wrap:wrap;padding:4px 0}.tr>:first-child{flex-basis:100%;font-weight:500}.tr>:empty,.head{display:none}.tr [data-of]{flex:1 0 80px;text-align:start}.tr [data-of]::after{content:attr(data-of);display:block;font-size:13px;color:var(--secondary-text-color)}}`;
	_period = "today";
	_search = "";
	_opened = "";
	_known = null;
	/** @type {any[]} */
	_meters = [];
	_days = {};

	get meters() {
		return this.config.meters || this._meters;
	}

	getGridOptions() {
		return { columns: "full", rows: "auto", min_columns: 6 };
	}

	async load() {
		const period = this._period;
		this._meters = (await ask(this.hass, { type: "hausstrom/home" }))?.meters || this._meters;
		const start = startOf(Date.now(), this.writing.zone, PERIODS[period]);
		const known = await counted(this.hass, this.meters.map(({ entity }) => entity), start, period === "today" ? "hour" : "day");
		if (period === this._period) this._known = known;
	}

	/** What a meter has counted in the period; null: not known. */
	value(meter) {
		return this._known && countedNow(this.hass, meter, this._known);
	}

	/** One number: what some meters of a medium have counted together. */
	cell(medium, meters) {
		const known = meters.filter((meter) => meter.medium === medium).map((meter) => this.value(meter)).filter((value) => value !== null);
		const sum = known.reduce((all, value) => all + value, 0);
		const write = { cold: volume, warm: volume, gas: volume }[medium] || energy;
		const text = !known.length ? DASH : medium === "heat_cost" ? number(sum, 0, this.writing) : write(sum, this.writing);
		return meters.some((meter) => meter.medium === medium) ? `<span style="--of:${colorOf(TINTS[medium])}" data-of="${this.texts[medium]}">${text}</span>` : "<span></span>";
	}

	render() {
		const { texts, meters } = this;
		const tabs = Object.keys(PERIODS).map((period) => `<button class="tab" data-period="${period}">${texts[period]}</button>`).join("");
		if (this.show(`<div class="bar">${tabs}<input type="search" placeholder="${texts.search}" aria-label="${texts.search}"><button class="csv">${texts.csv}</button></div>
<div class="note dim"></div><div class="tr dim head"></div><div class="tr sum"></div><div class="table"></div>`)) this.listen();
		const columns = MEDIA.filter((medium) => meters.some((meter) => meter.medium === medium));
		const rows = rowsOf(meters, this._search);
		const cells = (own) => columns.map((medium) => this.cell(medium, own)).join("");
		this.at("ha-card").style.setProperty("--columns", columns.length);
		for (const tab of this.all(".tab")) tab.setAttribute("aria-pressed", tab.dataset.period === this._period);
		this.put(".head", `<span>${texts.unit}</span>${columns.map((medium) => `<span style="--of:${colorOf(TINTS[medium])}">${texts[medium]}</span>`).join("")}`);
		// Of a large building only what is seen is in the page.
		const first = rows.length > MANY ? Math.max(0, Math.floor(this.at(".table").scrollTop / ROW) - 10) : 0;
		const last = rows.length > MANY ? first + SHOWN : rows.length;
		this.at(".table").classList.toggle("many", rows.length > MANY);
		const gap = (count) => `<div style="height:${Math.max(0, count) * ROW}px"></div>`;
		this.put(".table", gap(first) + rows.slice(first, last).map(([unit, own]) =>
			`<button class="tr" data-unit="${escape(unit)}"><span>${escape(unit)}</span>${cells(own)}</button>${unit === this._opened ? this.details(own) : ""}`).join("") + gap(rows.length - last));
		this.put(".sum", `<span>${rows.length ? texts.total : texts.no_match}</span>${cells(rows.flatMap(([, own]) => own))}`);
		this.put(".note", this.notes());
	}

	/** The meters of one unit: what they show, and the days of this month. */
	details(meters) {
		return `<div class="more">${meters.map((meter) => {
			const days = (this._days[meter.entity] || []).map(({ change }) => Math.max(0, change || 0));
			const most = Math.max(...days, 1e-9);
			const bars = days.map((value, index) => `<rect x="${index * 3.2}" y="${36 - (34 * value) / most}" width="2.6" height="36" fill="${colorOf(TINTS[meter.medium])}"/>`).join("");
			return `<button data-more="${escape(meter.entity)}"><span>${escape(meter.name)} <span class="dim">${escape(meter.number)}</span></span><b>${this.reading(meter.entity)}</b>${this.billed(meter)}${bars && `<svg viewBox="0 0 100 36" preserveAspectRatio="none">${bars}</svg>`}</button>`;
		}).join("")}</div>`;
	}

	reading(entity) {
		const value = valueOf(this.hass.states, entity);
		const unit = this.hass.states[entity]?.attributes.unit_of_measurement || "";
		return value === null ? DASH : this.shown(value / factorOf(unit), unit);
	}

	/** A register as it stands at the meter. */
	shown(value, unit) {
		return `${number(value, unit === "m³" ? 3 : 1, this.writing)}\u202f${escape(unit)}`;
	}

	/** What the meter kept of its last billing date; the date is a day, wherever the page is. */
	billed({ billing }) {
		if (!billing) return "";
		const date = day(Date.parse(`${billing.date}T12:00Z`), { ...this.writing, zone: "UTC" });
		return `<span class="dim">${filled(this.texts.billing, { date })}</span><span class="dim">${this.shown(billing.value, billing.unit || "")}</span>`;
	}

	/** What is wrong, who has not reported, when the last report came. */
	notes() {
		const { texts, writing, config } = this;
		const { states } = this.hass;
		const now = Date.now();
		const yesterday = startOf(startOf(now, writing.zone) - 1, writing.zone);
		const wrong = (config.alerts || []).filter((id) => states[id]?.state === "on").map((id) => escape(states[id].attributes.friendly_name));
		const quiet = this.meters.filter(({ entity, heard }) => valueOf(states, entity) === null || heard < yesterday).length;
		const last = Math.max(...this.meters.map(({ heard }) => heard || 0));
		return [
			wrong.length && `<span class="alert">${texts.alerts}: ${wrong.join(", ")}</span>`, quiet && filled(texts.quiet, { count: quiet, all: this.meters.length }),
			last > 0 && filled(texts.last_report, { time: since(last, now, writing) }),
		].filter(Boolean).map((note) => `<span>${note}</span>`).join("");
	}

	listen() {
		const again = () => this.draw(true);
		this.listenTo(".tab", (tab) => {
			this._period = tab.dataset.period;
			this._known = null;
			this.reload();
		});
		this.at("input").addEventListener("input", ({ target }) => {
			this._search = target.value;
			again();
		});
		this.listenTo(".csv", () => this.save());
		this.at(".table").addEventListener("scroll", again);
		this.at(".table").addEventListener("click", async ({ target }) => {
			this.open(target.closest("[data-more]")?.dataset.more);
			const unit = target.closest("[data-unit]")?.dataset.unit;
			if (!unit) return;
			this._opened = this._opened === unit ? "" : unit;
			again();
			const ids = this.meters.filter((one) => one.unit === unit).map(({ entity }) => entity);
			Object.assign(this._days, await statistics(this.hass, ids, "day", startOf(Date.now(), this.writing.zone, "month"), ["change"]));
			again();
		});
	}

	/** Save what is shown as a file. */
	save() {
		const { texts, hass } = this;
		const rows = rowsOf(this.meters, this._search).flatMap(([unit, meters]) => meters.map((meter) =>
			[unit, texts[meter.medium], meter.number, this.value(meter), valueOf(hass.states, meter.entity), hass.states[meter.entity]?.attributes.unit_of_measurement, meter.billing?.date, meter.billing?.value]));
		const link = document.createElement("a");
		link.href = URL.createObjectURL(new Blob(["\ufeff", csvOf([[texts.unit, "", "", texts[this._period], texts.readings, "", filled(texts.billing, { date: "" }).trim(), ""], ...rows])], { type: "text/csv" }));
		link.download = "hausstrom.csv";
		link.click();
		URL.revokeObjectURL(link.href);
	}
}

define("hausstrom-consumption-card", ConsumptionCard);
