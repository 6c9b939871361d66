/** A graph of Home Assistant's own in which a power has one sign, whichever way a device counts it: that is turned before it is drawn. */

import { define } from "./element.js";

const flipped = (row, name) => {
	const value = row[name];
	return Number.isNaN(Number(value ?? NaN)) ? row : { ...row, [name]: typeof value === "string" ? String(-value) : -value };
};

/** Return what a page knows and asks for, with some entities counted the other way round. */
export function turned(hass, ids) {
	const { connection } = hass;
	const anew = (found, of) => Object.fromEntries(Object.entries(found).map(([id, one]) => [id, ids.includes(id) ? of(one) : one]));
	const rows = (found, name) => anew(found, (all) => all.map((row) => flipped(row, name)));
	const subscribeMessage = (tell, message, ...more) =>
		connection.subscribeMessage((found) => tell(message.type === "history/stream" && found.states ? { ...found, states: rows(found.states, "s") } : found), message, ...more);
	return {
		...hass, states: anew(hass.states, (state) => flipped(state, "state")),
		callWS: (message) => hass.callWS(message).then((found) => (message.type === "recorder/statistics_during_period" ? rows(found, "mean") : found)),
		// A connection counts its messages: whoever asks otherwise asks the one that there is.
		connection: new Proxy(connection, { get: (of, name) => (name === "subscribeMessage" ? subscribeMessage : typeof of[name] === "function" ? of[name].bind(of) : of[name]) }),
	};
}

class GraphCard extends HTMLElement {
	_card = null;
	_hass = null;

	async setConfig({ card, turn }) {
		this._turn = turn;
		this._card = (await window.loadCardHelpers()).createCardElement(card);
		this.replaceChildren(this._card);
		if (this._hass) this.hass = this._hass;
	}

	set hass(hass) {
		this._hass = hass;
		if (this._card) this._card.hass = turned(hass, this._turn);
	}

	getGridOptions() {
		return { columns: "full", rows: "auto" };
	}
}

define("hausstrom-graph-card", GraphCard);
