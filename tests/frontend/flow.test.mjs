/** What the power flow writes into its nodes, and where. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { elements, load, spaced, state, texts } from "./support.mjs";

await load("flow-card");

/** Return what stands in each node, and the sentence for a screen reader. */
async function written(language, values) {
  const resources = Object.fromEntries(Object.entries(texts(language)).map(([key, text]) => [`component.hausstrom.common.dashboard_${key}`, text]));
  const card = new elements["hausstrom-flow-card"]();
  card.setConfig(Object.fromEntries(Object.keys(values).map((role) => [role, role])));
  card._hass = { language: `${language} flow`, locale: { language, number_format: "language" }, states: Object.fromEntries(Object.entries(values).map(([role, value]) => [role, state(value, role === "level" ? "%" : "W")])), callWS: async () => ({ resources }) };
  const [put, sentences] = [{}, {}];
  card.show = () => false;
  card.all = () => [];
  card.put = (place, html) => ((put[place] = spaced(html)), false);
  card.at = (place) => ({ style: { setProperty: () => undefined }, setAttribute: (name, value) => name === "aria-label" && (sentences[place] = spaced(value)), pauseAnimations: () => undefined, unpauseAnimations: () => undefined });
  await card.reload();
  card.render();
  return { put, sentences };
}

test("a node holds its number, and beside it stands the direction", async () => {
  const { put, sentences } = await written("en", { solar: 4111, grid: -2332, battery: -442, level: 62, house: 1337, ev: 0 });
  assert.deepEqual([put["#grid .number"], put["#grid .word"]], ["2.3 kW", "Exporting"]);
  assert.deepEqual([put["#battery .number"], put["#battery .word"], put["#battery .level"]], ["440 W", "Charging", "62 %"]);
  assert.deepEqual([put["#solar .number"], put["#solar .word"]], ["4.1 kW", ""]);
  // A small node has no room for a word.
  assert.equal(put["#ev .number"], "0 W");
  assert.equal(sentences["#battery"], "Battery: Charging 440 W 62 %");
});

test("what is idle says so once, in its node", async () => {
  for (const [language, idle] of [["en", "Idle"], ["de", texts("de").idle], ["it", texts("it").idle], ["ro", texts("ro").idle]]) {
    const { put, sentences } = await written(language, { solar: 0, grid: 12, battery: -14, level: 62, house: 5 });
    for (const role of ["solar", "grid", "battery", "house"]) assert.equal(put[`#${role} .number`], idle, role);
    // No gap where the direction would stand.
    assert.deepEqual([put["#grid .word"], put["#battery .word"], put["#battery .level"]], ["", "62 %", ""]);
    assert.equal(sentences["#battery"].match(new RegExp(idle, "g")).length, 1);
  }
});

test("what is unknown is a dash without a unit", async () => {
  const { put, sentences } = await written("de", { solar: "unavailable", grid: "unknown", battery: null, level: "unknown", house: 700 });
  for (const role of ["solar", "grid", "battery"]) assert.deepEqual([put[`#${role} .number`], put[`#${role} .word`]], ["–", ""]);
  assert.match(sentences["#battery"], /: –$/);
});
