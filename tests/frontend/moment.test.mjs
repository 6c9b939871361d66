import assert from "node:assert/strict";
import { test } from "node:test";
import { DE, EN, cases, load, spaced, state, texts as textsIn } from "./support.mjs";

const { batteriesOf, inventory, rolesOf } = await load("home");
const { feeds, momentOf, silentSince, sumOf, total, valueOf, wordOf } = await load("moment");
const { percent, power } = await load("numbers");
const { paceOf } = await load("flow-card");

let count = 0;

/** A page with one device per entry of `devices`: [identifier, {translation key: value}, model]; a part's identifier is below another's. */
function page(devices) {
  const hass = { devices: {}, entities: {}, states: {}, user: { is_admin: true } };
  for (const [id, values, more] of devices) {
    hass.devices[id] = { id, identifiers: [["hausstrom", id]], name: id, ...more };
    for (const [key, value] of Object.entries(values)) {
      const entity_id = `sensor.x${(count += 1)}`;
      hass.entities[entity_id] = { entity_id, device_id: id, platform: "hausstrom", translation_key: key };
      hass.states[entity_id] = state(value);
    }
  }
  return hass;
}

/** What is said of a role now, as the card writes it. */
function said(hass, language, about) {
  const [texts, writing] = [textsIn(language), language === "de" ? DE : EN];
  const moment = momentOf(rolesOf(inventory(hass, about)), hass.states);
  return Object.fromEntries(["solar", "battery", "grid", "house"].map((role) => {
    const word = wordOf(role, moment[role]);
    return [role, [texts[word], word === "idle" ? "" : spaced(power(moment[role], writing))].filter(Boolean)];
  }));
}

const GX = /^gx_/;
/** Put a case's values on the devices that have them. */
function deviceOf(values) {
  if (Object.keys(values).some((key) => / /.test(key))) {
    return Object.entries(values).map(([name, own]) => {
      const [kind, number] = name.split(" ");
      return [kind === "local" ? `senec_${number}` : `senec_cloud_${number}`, own];
    });
  }
  const of = (fits) => Object.fromEntries(Object.entries(values).filter(([key]) => fits(key)));
  const kinds = [["evn_1", of((key) => key === "power")], ["senec_1", of((key) => key !== "power" && !GX.test(key))], ["victron_1", of((key) => GX.test(key) && key !== "gx_power")]];
  const devices = kinds.filter(([, own]) => Object.keys(own).length);
  return "gx_power" in values ? [...devices, ["victron_1_grid_30", { gx_power: values.gx_power }, { via_device_id: "victron_1" }]] : devices;
}

/** What the integration says: cloud S + the local number is one system. */
const aboutOf = (devices) => ({
  systems: devices.filter(([, , more]) => !more).map(([identifier]) => ({ identifier, entry_id: identifier, system: identifier.replace(/^senec_(cloud_S?)?/, "senec ") })),
});

const OWN = [
  { id: "own_export", values: { grid_power: -999, bat_power: -15, inverter_power: 10400, house_power: 96 }, expect: { en: { solar: ["10 kW"], battery: ["Charging", "20 W"], grid: ["Exporting", "1.0 kW"], house: ["100 W"] } } },
  { id: "own_victron_discharges", values: { gx_battery_power: -2500, gx_pv_power: 0, gx_power: 20, gx_consumption_power: 2520 }, expect: { en: { battery: ["Discharging", "2.5 kW"], grid: ["Importing", "20 W"], solar: ["Idle"], house: ["2.5 kW"] } } },
  { id: "own_meter_before_senec", values: { power: 300, grid_power: 9999, inverter_power: 0, bat_power: 100, house_power: 400 }, expect: { de: { grid: ["Bezug", "300 W"], battery: ["Entlädt", "100 W"] } } },
  { id: "own_balance_never_below_zero", values: { power: -3000, gx_pv_power: 2000, gx_battery_power: 0 }, expect: { en: { house: ["Idle"] } } },
  { id: "own_balance_needs_all", values: { power: "unavailable", gx_pv_power: 2000, gx_battery_power: 0 }, expect: { en: { house: ["–"], grid: ["–"], solar: ["2.0 kW"] } } },
  { id: "own_two_systems_no_single_house", values: { "local 1": { inverter_power: 1000, house_power: 900, grid_power: 0, bat_power: 0 }, "cloud S2": { inverter_power: 500, house_power: 9999, bat_power: 0 } }, expect: { en: { house: ["1.5 kW"], solar: ["1.5 kW"] } } },
];

for (const { id, values, expect } of [...cases("flows").filter(({ expect: wanted }) => wanted.en), ...OWN]) {
  test(`what flows: ${id}`, () => {
    const devices = deviceOf(values);
    for (const [language, roles] of Object.entries(expect).filter(([name]) => name === "en" || name === "de")) {
      const words = said(page(devices), language, aboutOf(devices));
      for (const [role, wanted] of Object.entries(roles)) assert.deepEqual(words[role], wanted, `${language} ${role}`);
    }
  });
}

test("two SENECs by three ways are two", () => {
  const devices = [
    ["senec_A", { inverter_power: 1000, bat_power: -200, bat_fuel_charge: 40 }], ["senec_cloud_SA", { inverter_power: 990, bat_power: -190, bat_fuel_charge: 41 }],
    ["senec_cloud_SB", { inverter_power: 3000, bat_power: 500, bat_fuel_charge: 80 }], ["senec_connect_B", { inverter_power: 2980, bat_power: 480, bat_fuel_charge: 81 }],
  ];
  const about = { systems: devices.map(([identifier]) => ({ identifier, system: identifier.at(-1) })) };
  for (const order of [devices, [...devices].reverse()]) {
    const hass = page(order);
    const home = inventory(hass, about);
    const moment = momentOf(rolesOf(home), hass.states);
    assert.equal(moment.solar, 4000);
    assert.equal(moment.battery, 300);
    assert.equal(moment.level, 60);
    assert.deepEqual(batteriesOf(home).map(({ name }) => name), ["senec_A", "senec_cloud_SB"]);
  }
});

test("a user's own units and names change nothing", () => {
  const hass = page([["senec_1", { inverter_power: 4.111, bat_power: -442, house_power: 1337 }], ["evn_1", { power: -2.332 }]]);
  const ids = Object.keys(hass.entities);
  Object.assign(hass.states[ids[0]].attributes, { unit_of_measurement: "kW" });
  Object.assign(hass.states[ids[3]].attributes, { unit_of_measurement: "kW" });
  for (const [number, id] of ids.entries()) {
    const renamed = `sensor.mein_${["dach", "speicher", "haus", "zaehler"][number]}`;
    hass.entities[renamed] = { ...hass.entities[id], entity_id: renamed };
    hass.states[renamed] = hass.states[id];
    delete hass.entities[id];
    delete hass.states[id];
  }
  assert.deepEqual(said(hass, "de"), { solar: ["4,1 kW"], battery: ["Lädt", "440 W"], grid: ["Einspeisung", "2,3 kW"], house: ["1,3 kW"] });
});

test("a wallbox that comes later is a node, and its house the same", () => {
  const before = page([["senec_1", { inverter_power: 4000, house_power: 1300, grid_power: -2700, bat_power: 0 }]]);
  assert.equal(rolesOf(inventory(before)).ev, undefined);
  const later = page([["senec_1", { inverter_power: 4000, house_power: 1300, grid_power: -2700, bat_power: 0, wallbox_charge_power: 900 }]]);
  const moment = momentOf(rolesOf(inventory(later)), later.states);
  assert.deepEqual([moment.ev, moment.house], [900, 1300]);
});

test("a home with a SmartLog alone has no power and no battery", () => {
  const home = inventory(page([["smartlog_6891", { reporting: "on" }], ["smartlog_6891_1", { energy: 900 }, { via_device_id: "smartlog_6891" }]]));
  assert.deepEqual(rolesOf(home), {});
  assert.deepEqual(batteriesOf(home), []);
});

test("of a GX without a system's sum the batteries add up, each turned", () => {
  const part = (number, watts) => [`victron_1_battery_${number}`, { gx_dc_power: watts, gx_soc: number }, { via_device_id: "victron_1" }];
  const hass = page([["victron_1", { gx_pv_power: 0 }], part(1, 300), part(2, -1000)]);
  const moment = momentOf(rolesOf(inventory(hass)), hass.states);
  assert.equal(moment.battery, 700);
  const whole = page([["victron_1", { gx_pv_power: 0, gx_battery_power: -650 }], part(1, 300), part(2, -1000)]);
  assert.equal(momentOf(rolesOf(inventory(whole)), whole.states).battery, 650);
});

test("the same system counts through the local network whichever entry came first", () => {
  const devices = [["senec_cloud_SA", { inverter_power: 4000, bat_fuel_charge: 50 }], ["senec_A", { inverter_power: 4111, bat_fuel_charge: 60 }, { model: "SENEC.Home V3 hybrid, 10 kWh" }]];
  const about = { systems: devices.map(([identifier]) => ({ identifier, system: "one" })) };
  const home = inventory(page(devices), about);
  assert.equal(rolesOf(home).solar.length, 1);
  assert.equal(rolesOf(home).solar[0].name, "senec_A");
  assert.equal(batteriesOf(home).length, 1);
  assert.equal(batteriesOf(home)[0].capacity, 10);
  // Without the integration's word nothing is taken for the same.
  assert.equal(rolesOf(inventory(page(devices), undefined)).solar.length, 2);
});

test("hidden, foreign and disabled things are left out, and what has no state", () => {
  const hass = page([["senec_1", { inverter_power: 1 }], ["evn_1", { power: 2 }, { disabled_by: "user" }], ["victron_1", { gx_pv_power: 3 }]]);
  const [, , third] = Object.values(hass.entities);
  third.hidden = true;
  hass.entities["sensor.other"] = { entity_id: "sensor.other", device_id: "senec_1", platform: "other", translation_key: "grid_power" };
  hass.entities["sensor.gone"] = { entity_id: "sensor.gone", device_id: "senec_1", platform: "hausstrom", translation_key: "grid_power" };
  const roles = rolesOf(inventory(hass));
  assert.deepEqual(Object.keys(roles), ["solar"]);
});

test("who feeds whom adds up", () => {
  const sum = (flows, fits) => Object.entries(flows).filter(([name]) => fits(name)).reduce((all, [, watts]) => all + watts, 0);
  for (const moment of [
    { solar: 6900, battery: -1000, grid: -2000, house: 3900 }, { solar: 0, battery: 1250, grid: 618, house: 1868 }, { solar: 500, battery: -500, grid: 2000, house: 2000 },
    { solar: 0, battery: 3000, grid: -1000, house: 2000 }, { solar: 100, battery: 0, grid: 0, house: 100 },
  ]) {
    const flows = feeds({ ...moment, generator: 0 });
    assert.equal(sum(flows, (name) => name.startsWith("solar_")), moment.solar);
    assert.equal(sum(flows, (name) => name.endsWith("_house")), moment.house);
    assert.equal(sum(flows, (name) => name.endsWith("_grid")), Math.max(0, -moment.grid));
    assert.equal(sum(flows, (name) => name.endsWith("_battery")), Math.max(0, -moment.battery));
  }
  assert.equal(feeds({ solar: 6900, battery: -1000, grid: -2000, house: 3900, generator: null }).solar_house, 3900);
  assert.deepEqual(Object.values(feeds({ solar: null, battery: null, grid: null, house: null, generator: null })), [0, 0, 0, 0, 0, 0, 0]);
});

test("dots are faster where more flows, between one and four seconds", () => {
  assert.equal(paceOf(15), 4);
  assert.equal(paceOf(10_000), 1);
  assert.equal(paceOf(100_000), 1);
  assert.ok(paceOf(400) > paceOf(4000));
});

test("units of the user are turned back, and nothing is a number that is none", () => {
  const states = { a: state(4.1, "kW"), b: state("unavailable"), c: state(""), d: state(2, "MWh"), e: state(90, "min"), f: state(500, "L") };
  assert.equal(valueOf(states, "a"), 4100);
  assert.equal(valueOf(states, "b"), null);
  assert.equal(valueOf(states, "c"), null);
  assert.equal(valueOf(states, "d"), 2000);
  assert.equal(valueOf(states, "e"), 1.5);
  assert.equal(valueOf(states, "f"), 0.5);
  assert.equal(valueOf(states, undefined), null);
  assert.equal(sumOf(states, [{ entity: "a" }, { entity: "b" }]), null);
  assert.equal(sumOf(states, undefined), null);
  assert.equal(total([1, 2]), 3);
  assert.equal(percent(null, EN), "–");
});

test("silence is said with its time", () => {
  const states = { a: state("unavailable", "W", { last_changed: "2026-11-26T14:05:00Z" }), b: state(1) };
  assert.equal(silentSince(states, [{ entity: "a" }, { entity: "b" }]), Date.parse("2026-11-26T14:05:00Z"));
  assert.equal(silentSince(states, [{ entity: "b" }]), null);
});
