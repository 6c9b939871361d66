import assert from "node:assert/strict";
import { test } from "node:test";
import { cases, load, state } from "./support.mjs";

const { consumedOf, countedToday, flowed, fromMeans, moneyOf, rises, sharesOf } = await load("today");
const { counted, countedNow, meansOf, series } = await load("recorded");

const near = (value, wanted, within = 0.06) => (wanted === null || wanted === "–" ? assert.equal(value, null) : assert.ok(Math.abs(value - wanted) <= within, `${value} is not ${wanted}`));
const at = (clock) => Date.parse(`2026-11-26T${clock.length === 5 ? `${clock}:00` : clock}Z`);
const MIDNIGHT = at("00:00");

const OWN = [
  { id: "own_small_fall_is_none", unit: "kWh", history: [["10:00", 12240.5], ["10:01", 12239.93], ["10:02", 12241]], expect: 0.5 },
  { id: "own_restart_of_a_large_counter", unit: "kWh", history: [["10:00", 12240.5], ["10:01", 0.2], ["10:02", 0.5]], expect: 0.5 },
  { id: "own_gaps", unit: "kWh", history: [["10:00", 5], ["10:01", null], ["10:02", 5.5]], expect: 0.5 },
  { id: "own_yesterday_only", unit: "kWh", statistics: [{ start: "-1", change: 9, state: 100 }], now: 100.25, expect: 0.25 },
  { id: "own_nothing_imported", kwh: { P: 5, I: 0, E: 1, C: 0, D: 0 }, expect: { H: 4, self_sufficiency: 100, self_consumption: 80 } },
  { id: "own_no_export_meter", kwh: { P: 5, I: 1, E: null, C: null, D: null }, expect: { H: 6, self_sufficiency: 83.3, self_consumption: 100 } },
  { id: "own_nothing_known", kwh: { P: null, I: null, E: null, C: null, D: null }, expect: { H: "–", self_sufficiency: "–", self_consumption: "–" } },
  { id: "own_first_watt_hours_at_night", kwh: { P: 0, I: 0.002, E: 0, C: 0, D: 0 }, watts: { I: 300, H: 300, P: 0, E: 0 }, expect: { self_sufficiency: 0, self_consumption: "–" } },
  { id: "own_first_watt_hours_exporting", kwh: { P: 0.005, I: 0, E: 0.004, C: 0, D: 0 }, watts: { I: 0, H: 200, P: 1000, E: 800 }, expect: { self_sufficiency: 100, self_consumption: 20 } },
  { id: "own_charged_from_the_grid", kwh: { P: 1, I: 6, E: 0, C: 5, D: 0 }, expect: { H: 2, self_sufficiency: 0, self_consumption: 100 } },
  { id: "own_powers_with_a_gap_first", means_5min_w: [null, null, 600, 600], expect: 0.1 },
  { id: "own_powers_of_an_hour", means_5min_w: Array(12).fill(250), expect: 0.25 },
  { id: "own_no_powers", means_5min_w: [], expect: 0 },
  { id: "own_price_but_no_export", kwh: { P: 5, I: 1, E: 0, C: 0, D: 0 }, prices: { import: 0.3, export: 0.08 }, expect: { cost: 0.3, income: 0, saved: 1.5 } },
  { id: "own_export_price_alone_is_no_saving", kwh: { P: 5, I: 1, E: 2, C: 0, D: 0 }, prices: { export: 0.08 }, expect: { cost: null, saved: null } },
  { id: "own_export_without_price", kwh: { P: 5, I: 1, E: 2, C: 0, D: 0 }, prices: { import: 0.25 }, expect: { cost: 0.25, saved: 0.75 } },
];

for (const one of [...cases("today"), ...OWN]) {
  test(`today: ${one.id}`, async () => {
    const { expect } = one;
    if (one.means_5min_w) return near(fromMeans(one.means_5min_w), expect, 1e-9);
    if (one.state !== undefined) return near(countedNow({ states: { x: state(one.state, "kWh") } }, { entity: "x", daily: true }, {}), expect);
    if (one.kwh) {
      const house = consumedOf(one.kwh);
      if (expect.H !== undefined) near(house, expect.H);
      const shares = sharesOf(one.kwh, house, one.watts);
      for (const share of ["self_sufficiency", "self_consumption"]) if (share in expect) near(shares[share], expect[share]);
      const money = moneyOf([{ I: one.kwh.I, E: one.kwh.E, H: house, ...one.prices }]);
      for (const amount of ["cost", "income", "saved"]) if (amount in expect) near(money[amount], expect[amount], 0.006);
      return undefined;
    }
    // As it is asked of the recorder.
    const rows = (one.statistics || []).map((row) => ({ ...row, start: row.start === "-1" ? MIDNIGHT - 3_600_000 : at(row.start) }));
    const history = (one.history || []).map(([clock, value]) => ({ s: String(value ?? "unavailable"), lu: at(clock) / 1000 }));
    const hass = {
      states: { x: state(one.now ?? one.history.at(-1)[1], "kWh") },
      callWS: async ({ type }) => ({ x: type.startsWith("recorder") ? rows : history }),
    };
    return near(countedNow(hass, { entity: "x" }, await counted(hass, ["x"], MIDNIGHT)), expect, 1e-6);
  });
}

test("a counter that the recorder does not know yet has counted nothing; one without a value is not known", async () => {
  const hass = { states: { a: state(100, "kWh"), b: state("unavailable", "kWh") }, callWS: async () => undefined };
  hass.callWS = () => Promise.reject(new Error("no recorder"));
  const known = await counted(hass, ["a", "b"], MIDNIGHT);
  assert.equal(countedNow(hass, { entity: "a" }, known), 0);
  assert.equal(countedNow(hass, { entity: "b" }, known), null);
});

test("readings in another unit are counted in ours", async () => {
  const hass = { states: { x: state(5500, "Wh") }, callWS: async ({ type }) => ({ x: type.startsWith("recorder") ? [] : [{ s: "5000", lu: 1 }] }) };
  assert.equal(countedNow(hass, { entity: "x" }, await counted(hass, ["x"], MIDNIGHT)), 0.5);
});

test("means of a power with a sign are two energies", async () => {
  const means = [1200, 1200, -600, null, -600, 0];
  const hass = { callWS: async () => ({ x: means.map((mean, start) => ({ start, mean })) }) };
  assert.deepEqual(await meansOf(hass, [{ entity: "x" }], 0), { above: 0.2, below: 0.1 });
  assert.deepEqual(await meansOf(hass, [{ entity: "x", invert: true }], 0), { above: 0.1, below: 0.2 });
});

test("a sum over time has only moments at which every part has a value", () => {
  const rows = { a: [{ start: 1, mean: 10 }, { start: 2, mean: 20 }], b: [{ start: 2, mean: 5 }, { start: 3, mean: null }] };
  assert.deepEqual(series(rows, [{ entity: "a" }, { entity: "b", invert: true }]), [{ time: 2, value: 15 }]);
  assert.deepEqual(series(rows, []), []);
});

test("hours have a price each", () => {
  const money = moneyOf([{ I: 1, E: 0, H: 1, import: 0.1, export: 0 }, { I: 1, E: 2, H: 3, import: 0.4, export: 0.1 }]);
  near(money.cost, 0.5, 1e-9);
  near(money.income, 0.2, 1e-9);
  near(money.saved, 1, 1e-9);
});

test("whole hours and the rest", () => {
  assert.equal(countedToday([], MIDNIGHT, 5), 0);
  assert.equal(rises([]), 0);
  assert.equal(countedToday([{ start: MIDNIGHT - 1, change: 7, state: 1 }], MIDNIGHT, null), 0);
});

test("what flowed is counted by side, between two moments", () => {
  const watts = [{ time: 0, value: 3600 }, { time: 1000, value: null }, { time: 2000, value: -10800 }, { time: 3000, value: 3600 }];
  near(flowed(watts, 0, 4000, 1), 0.002, 1e-9);
  near(flowed(watts, 0, 4000, -1), 0.003, 1e-9);
  near(flowed(watts, 500, 3500, 1), 0.001, 1e-9);
  near(flowed(watts, 5000, 6000, 1), 0.001, 1e-9);
  assert.equal(flowed(watts, 3500, 3500, 1), 0);
  assert.equal(flowed([], 0, 1000, 1), 0);
});
