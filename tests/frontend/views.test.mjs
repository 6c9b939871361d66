import assert from "node:assert/strict";
import { test } from "node:test";
import { load, sources, state, texts as textsIn } from "./support.mjs";

const { csvOf, rowsOf } = await load("consumption");
const { deviceView, shortName } = await load("device-view");
const { turned } = await load("graph-card");
const { inventory, rolesOf } = await load("home");
const { paired, widthFor } = await load("layout");
const { forecastOf, planOf } = await load("plan-card");
const { buildingView, curvesView, emptyView, nowView } = await load("views");

function sceneOf(devices, more = {}, admin = true) {
  const hass = { devices: {}, entities: {}, states: {}, user: { is_admin: admin } };
  for (const [id, entities, device] of devices) {
    hass.devices[id] = { id, identifiers: [["hausstrom", id]], name: id, ...device };
    for (const [key, value, unit, attributes, entity] of entities) {
      const entity_id = entity?.entity_id || `sensor.${id}_${key}_${Object.keys(hass.entities).length}`;
      hass.entities[entity_id] = { entity_id, device_id: id, platform: "hausstrom", translation_key: key, ...entity };
      hass.states[entity_id] = state(value, unit);
      Object.assign(hass.states[entity_id].attributes, { friendly_name: `${id} ${key}`, ...attributes });
    }
  }
  const home = inventory(hass, more.about);
  return { hass, texts: textsIn("en"), home, roles: rolesOf(home), minutes: true, hours: true, ...more };
}

const power = (key, value = 100) => [key, value, "W", { device_class: "power", state_class: "measurement" }];
const senec = ["senec_1", [power("inverter_power"), power("grid_power"), power("bat_power"), power("house_power"), ["bat_fuel_charge", 50, "%", { device_class: "battery" }]]];
const cardsOf = (views) => views.flatMap(({ sections }) => sections).flatMap(({ cards }) => cards);
const text = JSON.stringify;

test("a guest meets no locked door and no offer", () => {
  const devices = [senec, ["victron_1", [power("gx_pv_power")]], ["victron_1_grid_30", [power("gx_power")], { via_device_id: "victron_1" }]];
  const about = { systems: [], meters: {}, missing: ["Solar · senec_1"] };
  const all = (scene) => [...nowView(scene), ...curvesView(scene), ...scene.home.flatMap((item, number) => deviceView(item, scene, number))];
  assert.doesNotMatch(text(all(sceneOf(devices, { about }, false))), /\/config|setup_energy_dashboard/);
  assert.match(text(all(sceneOf(devices, { about }))), /\/config\/devices.*|setup_energy_dashboard/);
  assert.doesNotMatch(text(emptyView({ is_admin: false }, textsIn("de"))), /\/config/);
  assert.match(text(emptyView({ is_admin: true }, textsIn("de"))), /\/config/);
});

test("many missing sources are no wall of text", () => {
  const scene = sceneOf([senec], { about: { systems: [], missing: Array.from({ length: 40 }, (_, number) => `Device ${number}`) } });
  const card = cardsOf(nowView(scene)).find(({ type }) => type === "empty-state");
  assert.match(card.content, /Device 3 … \+36$/);
});

test("no heading stands without a card, and no card waits for an hour", () => {
  for (const [minutes, hours] of [[false, false], [true, false], [true, true]]) {
    const scene = sceneOf([[senec[0], [...senec[1], ["inverter_energy", 5, "kWh", { device_class: "energy" }]]]], { minutes, hours });
    const sections = curvesView(scene)[0].sections;
    for (const { cards } of sections) assert.ok(cards.length >= 2);
    assert.equal(text(sections).includes("statistics-graph"), minutes);
    assert.equal(text(sections).includes('"chart_type":"bar"'), hours);
    assert.match(text(sections), /#ff9800/);
  }
});

test("a curve says what lies above zero, whichever way a device counts", () => {
  const scene = sceneOf([senec, ["victron_1", [power("gx_battery_power"), power("gx_pv_power")], { name: "Cerbo GX" }]]);
  const [, graph] = curvesView(scene)[0].sections[0].cards;
  const names = graph.card.entities.map(({ name }) => name);
  assert.ok(names.includes("Solar · Cerbo GX"), text(names));
  assert.ok(names.includes("Battery 1 (+ Discharging)"), text(names));
  assert.ok(names.includes("Battery 2 (+ Discharging)"), text(names));
  assert.ok(names.includes("Grid (+ Importing)"), text(names));
});

test("only what a device counts the other way round is turned, and only where it is drawn", () => {
  const gx = ["victron_1", [power("gx_battery_power"), power("gx_pv_power"), ["gx_battery_soc", 50, "%"], ["gx_dc_pv_energy", 5, "kWh"]]];
  const battery = ["victron_1_battery_512", [power("gx_dc_power")], { via_device_id: "victron_1" }];
  const [hub] = gx;
  for (const minutes of [true, false]) {
    for (const [devices, expected] of [[[senec], null], [[gx], /_gx_battery_power_\d+$/], [[[hub, [power("gx_pv_power")]], battery], /_gx_dc_power_\d+$/], [[senec, gx], /_gx_battery_power_\d+$/]]) {
      const cards = curvesView(sceneOf(devices, { minutes }))[0].sections.map(({ cards: [, card] }) => card);
      const own = cards.filter(({ type }) => type === "custom:hausstrom-graph-card");
      if (expected === null) assert.equal(own.length, 0);
      else {
        assert.equal(own.length, 1);
        assert.equal(own[0].turn.length, 1);
        assert.match(own[0].turn[0], expected);
        assert.equal(own[0].card.type, minutes ? "statistics-graph" : "history-graph");
      }
    }
  }
});

test("what is turned is turned everywhere, and nothing else is", async () => {
  const told = [];
  const hass = {
    language: "de", states: { "sensor.gx": state(500), "sensor.senec": state(300), "sensor.off": state("unavailable") },
    callWS: async ({ type }) => (type.endsWith("period") ? { "sensor.gx": [{ start: 0, mean: 5 }, { start: 1, mean: null }], "sensor.senec": [{ start: 0, mean: 3 }] } : { "sensor.gx": [1] }),
    connection: {
      number: 0,
      sendMessage() { return (this.number += 1); },
      subscribeMessage: async (tell) => tell({ states: { "sensor.gx": [{ s: "-20", lu: 1 }, { s: "unavailable", lu: 2 }, { s: "0", lu: 3 }], "sensor.senec": [{ s: "7", lu: 1 }] } }),
    },
  };
  const seen = turned(hass, ["sensor.gx", "sensor.off"]);
  assert.equal(seen.language, "de");
  assert.deepEqual(Object.values(seen.states).map((one) => one.state), ["-500", "300", "unavailable"]);
  assert.equal(seen.states["sensor.gx"].attributes, hass.states["sensor.gx"].attributes);
  assert.deepEqual(await seen.callWS({ type: "recorder/statistics_during_period" }), { "sensor.gx": [{ start: 0, mean: -5 }, { start: 1, mean: null }], "sensor.senec": [{ start: 0, mean: 3 }] });
  assert.deepEqual(await seen.callWS({ type: "recorder/list_statistic_ids" }), { "sensor.gx": [1] });
  await seen.connection.subscribeMessage((found) => told.push(found.states), { type: "history/stream" });
  await seen.connection.subscribeMessage((found) => told.push(found.states), { type: "something/else" });
  assert.deepEqual(told[0]["sensor.gx"].map(({ s }) => Number(s)), [20, NaN, 0]);
  assert.equal(told[0]["sensor.gx"][1].s, "unavailable");
  assert.deepEqual(told[0]["sensor.senec"], [{ s: "7", lu: 1 }]);
  assert.equal(told[1]["sensor.gx"][0].s, "-20");
  // A connection counts its messages: they are all the same connection's.
  seen.connection.sendMessage();
  assert.equal(hass.connection.sendMessage(), 2);
  assert.equal(hass.states["sensor.gx"].state, "500");
});

test("several of a kind are told apart in a curve, by names that a legend does not cut", () => {
  const far = ["senec_2", senec[1], { name: "SENEC.Home V3 hybrid in the barn" }];
  const scene = sceneOf([senec, far]);
  const [power_, level] = curvesView(scene)[0].sections.map(({ cards }) => cards[1].entities);
  for (const entities of [power_, level]) {
    assert.equal(new Set(entities.map(({ name }) => name)).size, entities.length, text(entities));
    assert.equal(new Set(entities.map(({ color }) => color)).size, entities.length, text(entities));
    for (const { name } of entities) assert.ok(name.length <= 32, name);
  }
  assert.match(text(power_), /#ff9800/);
});

test("a device's view says directions in words: no power with a sign stands in a tile", () => {
  const gx = [
    ["victron_1", [power("gx_battery_power", -500), power("gx_pv_power"), power("gx_grid_power", -900)]],
    ["victron_1_grid_30", [power("gx_power", -900)], { via_device_id: "victron_1" }],
    ["victron_1_battery_512", [power("gx_dc_power", -500)], { via_device_id: "victron_1" }],
  ];
  const scene = sceneOf([...gx, senec, ["evn_1", [power("power", -12), power("power_import"), power("power_export")]]]);
  const cards = cardsOf(scene.home.flatMap((item, number) => deviceView(item, scene, number)));
  const signed = cards.filter(({ type }) => type === "custom:hausstrom-power-card");
  const said = signed.map(({ entity, role, invert }) => `${entity} ${role} ${invert}`);
  for (const one of ["victron_1_gx_battery_power", "victron_1_gx_grid_power", "victron_1_grid_30_gx_power", "victron_1_battery_512_gx_dc_power", "senec_1_bat_power", "senec_1_grid_power", "evn_1_power_"])
    assert.ok(said.some((line) => line.includes(one)), `${one}: ${text(said)}`);
  assert.ok(said.every((line) => line.endsWith(/victron.*(battery_power|dc_power)/.test(line) ? "battery true" : line.includes("bat_power") ? "battery undefined" : "grid undefined")), text(said));
  assert.doesNotMatch(text(cards.filter(({ type }) => type === "tile")), /battery_power|grid_power|bat_power|dc_power|evn_1_power_\d/);
});

test("a page that showed a home says that it is gone, whichever comes last", async () => {
  const elements = {};
  globalThis.customElements = { get: () => undefined, define: (name, element) => (elements[name] = element) };
  await import("../../custom_components/hausstrom/frontend/hausstrom-strategy.js?again");
  const strategy = elements["ll-strategy-dashboard-hausstrom"];
  const resources = Object.fromEntries(Object.entries(textsIn("en")).map(([key, said]) => [`component.hausstrom.common.dashboard_${key}`, said]));
  const asked = { "frontend/get_translations": { resources }, "hausstrom/home": { systems: [], missing: [], meters: [] } };
  const { hass } = sceneOf([senec]);
  Object.assign(hass, { language: "en", callWS: async ({ type }) => asked[type] });
  const gone = { ...hass, devices: {}, entities: {}, states: {} };
  assert.match(text(await strategy.generate({}, gone)), /No device yet/);
  assert.match(text(await strategy.generate({}, hass)), /hausstrom-flow-card/);
  assert.match(text(await strategy.generate({}, gone)), /no longer installed/);
});

test("without a plan and a forecast there is no plan card", () => {
  assert.doesNotMatch(text(nowView(sceneOf([senec]))), /plan-card/);
  const scene = sceneOf([senec, ["victron_1", [power("gx_pv_power")]]]);
  const planned = rolesOf(scene.home.filter(({ kind }) => kind === "senec_local"));
  const card = cardsOf(nowView({ ...scene, planned, plan: "entry" })).find(({ type }) => type.endsWith("plan-card"));
  assert.equal(card.plan, "entry");
  // Of the system that plans, not of the home.
  assert.deepEqual(card.solar.map(({ name }) => name), ["senec_1"]);
  assert.equal(card.level.length, 1);
});

test("a home with meters only starts with its consumption", () => {
  const devices = [
    ["smartlog_1", [["last_message", "2026-11-26T12:05:00Z", "", {}, { entity_id: "sensor.last" }]]],
    ["smartlog_1_1", [["meter_volume", 351, "m³", { device_class: "water" }], ["smoke", "off", "", { device_class: "smoke" }, { entity_id: "binary_sensor.smoke" }]], { via_device_id: "smartlog_1" }],
  ];
  const scene = sceneOf(devices, { about: { systems: [], missing: [], meters: [{ entity: "sensor.a", unit: "Top 1", medium: "cold" }] } });
  assert.deepEqual(nowView(scene), []);
  const [{ path, sections }] = buildingView(scene);
  assert.equal(path, "building");
  assert.deepEqual(sections[0].cards[1].alerts, ["binary_sensor.smoke"]);
  assert.deepEqual(buildingView(sceneOf(devices)), []);
});

test("rows are in order, and found by unit, number and name", () => {
  const meters = ["Top 10", "Top 2", "Top 1", "Top 2"].map((unit, number) => ({ unit, medium: "cold", entity: `e${number}`, number: `4711${number}`, name: `${unit} cold` }));
  assert.deepEqual(rowsOf(meters).map(([unit, own]) => [unit, own.length]), [["Top 1", 1], ["Top 2", 2], ["Top 10", 1]]);
  assert.deepEqual(rowsOf(meters, "  TOP 1 ").map(([unit]) => unit), ["Top 1", "Top 10"]);
  assert.deepEqual(rowsOf(meters, "47111").map(([unit]) => unit), ["Top 2"]);
  assert.deepEqual(rowsOf(meters, "nothing"), []);
});

test("a table cell is no formula", () => {
  assert.equal(csvOf([["Top 1", 1.5, null], ["=1+1", 'a "b"', "x,y"], ["-5", -5, undefined]]), 'Top 1,1.5,\r\n\'=1+1,"a ""b""","x,y"\r\n\'-5,-5,');
});

test("no fact is said twice, and names lose what their heading says", () => {
  const scene = sceneOf([["senec_1", [power("grid_power"), power("grid_power_plus"), power("grid_power_minus"), power("bat_power_plus"), power("wallbox_charge_power"), power("wallbox_power"), power("mpp1_power", "unknown"), ["peak_shaving_mode", "auto", "", {}, { entity_id: "select.mode" }]]]]);
  const cards = text(deviceView(scene.home[0], scene, 1));
  assert.doesNotMatch(cards, /_plus|_minus|wallbox_charge_power|mpp1/);
  assert.match(cards, /sensor.senec_1_grid_power/);
  const entity = { entity_id: "sensor.a" };
  const named = (friendly_name) => shortName({ states: { "sensor.a": { attributes: { friendly_name } } } }, entity, "Peak shaving", "SENEC");
  assert.equal(named("SENEC Peak shaving capacity limit"), "Capacity limit");
  assert.equal(named("SENEC Export limit"), "Export limit");
  assert.equal(named("Mine"), "Mine");
  assert.equal(shortName({ states: { "sensor.a": { attributes: { friendly_name: "S Wallbox 1: lock" } } } }, entity, "Wallbox", "S"), "Wallbox 1: lock");
  const wallboxes = (...names) => {
    const home = sceneOf([["senec_1", names.map((friendly_name, number) => [`wallbox_lock_${number}`, "off", "", { friendly_name: `senec_1 ${friendly_name}` }, { entity_id: `switch.w${number}` }])]]);
    return cardsOf(deviceView(home.home[0], home, 1)).filter(({ type }) => type === "tile").map(({ name }) => name);
  };
  assert.deepEqual(wallboxes("Wallbox 1: lock", "Wallbox 1 charge from battery", "Wallbox power"), ["Lock", "Charge from battery", "Power"]);
  assert.deepEqual(wallboxes("Wallbox 1: lock", "Wallbox 2: lock"), ["Wallbox 1: lock", "Wallbox 2: lock"]);
});

test("tiles are paired, and long names get the width", () => {
  const columns = (cards) => paired(cards.map((name) => widthFor(name))).map(({ grid_options }) => grid_options.columns);
  assert.deepEqual(columns(["Grid power", "House power", "PV power"]), [6, 6, 12]);
  assert.deepEqual(columns(["Grid power", "Vehicle connected", "PV power"]), [12, 12, 12]);
  assert.deepEqual(columns(["Battery power", "Imported power"]), [12, 12]);
});

test("a plan is asked for, and none is none", async () => {
  const series = [{ time: "2026-11-26T10:00:00+01:00", forecast: 500, load: 300, level: 50 }, { time: "2026-11-26T10:15:00+01:00", forecast: null, load: 310, level: 51 }];
  const hass = { callWS: async ({ service_data }) => (service_data.config_entry_id === "e" ? { response: { series, mode: "manual", capacity_limit: 80, end_time: "12:30:00", reason: "cap", explanation: "Sun at noon." } } : { response: {} }) };
  const plan = await planOf(hass, "e");
  assert.equal(plan.forecast.length, 1);
  assert.deepEqual([plan.reason, plan.explanation], ["cap", "Sun at noon."]);
  assert.equal(plan.level[1].value, 51);
  assert.equal(plan.until, Date.parse("2026-11-26T12:30:00+01:00"));
  assert.equal(await planOf(hass, "other"), null);
  assert.equal(await planOf(hass, undefined), null);
  assert.equal(await planOf({ callWS: () => Promise.reject(new Error("no such action")) }, "e"), null);
});

test("forecasts are added up, each once", async () => {
  const hass = { callWS: async () => ({ a: { wh_hours: { "2026-11-26T11:00:00Z": 100, "2026-11-26T10:00:00Z": 50 } }, b: { wh_hours: { "2026-11-26T11:00:00Z": 20 } }, c: { wh_hours: { "2026-11-26T11:00:00Z": 999 } } }) };
  const preferences = { energy_sources: [{ config_entry_solar_forecast: ["a", "b"] }, { config_entry_solar_forecast: ["a"] }, {}] };
  assert.deepEqual((await forecastOf(hass, preferences)).map(({ value }) => value), [50, 120]);
  assert.deepEqual(await forecastOf(hass, undefined), []);
});

test("from the first module all others are reached", () => {
  const named = (source) => [...source.matchAll(/^import .*"\.\/([\w-]+\.js)";$/gm)].map(([, name]) => name);
  const all = Object.fromEntries(sources());
  const reached = new Set(["hausstrom-strategy.js"]);
  for (const name of reached) named(all[name]).forEach((one) => reached.add(one));
  assert.deepEqual([...reached].sort(), Object.keys(all).sort());
});

test("the power of a GX's battery is said in words, whatever its entities are called", () => {
  const battery = [power("gx_dc_power", -500), ["gx_temperature", 21, "°C", { device_class: "temperature" }], ["gx_soc", 50, "%", { device_class: "battery" }]];
  const named = battery.map(([key, value, unit, attributes], number) => [key, value, unit, attributes, { entity_id: `sensor.${["z_power", "a_temperature", "b_level"][number]}` }]);
  for (const entities of [battery, named, [...named].reverse()]) {
    const scene = sceneOf([["victron_1", [power("gx_pv_power")]], ["victron_1_battery_512", entities, { via_device_id: "victron_1" }]]);
    const cards = cardsOf(scene.home.flatMap((item, number) => deviceView(item, scene, number + 1)));
    const own = cards.filter(({ type }) => type === "custom:hausstrom-power-card").filter(({ role }) => role === "battery");
    assert.equal(own.length, 1, text(cards));
    assert.equal(own[0].invert, true);
    for (const row of cards.filter(({ type }) => type === "entities").flatMap((card) => card.entities)) assert.doesNotMatch(row.entity, /dc_power|z_power/);
  }
});
