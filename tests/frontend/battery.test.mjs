import assert from "node:assert/strict";
import { test } from "node:test";
import { EN, cases, load, spaced, texts } from "./support.mjs";

const { lineOf, meanOf, steady } = await load("battery");
const { clock, percent } = await load("numbers");
const { filled } = await load("texts");

const MINUTE = 60_000;
const at = (time) => Date.parse(`2026-11-26T${time}:00Z`);

const OWN = [
  { id: "own_no_reserve_known", now: "20:00", soc: 50, reserve: null, capacity_kwh: 10, mean_power_w: -950, expect: "Lasts until 01:00" },
  { id: "own_large_battery_needs_more", now: "20:00", soc: 50, reserve: 10, capacity_kwh: 30, mean_power_w: 250, expect: null },
  { id: "own_full_without_capacity", now: "12:00", soc: 99, reserve: null, capacity_kwh: null, mean_power_w: 0, expect: "Full" },
  { id: "own_level_unknown", now: "12:00", soc: null, reserve: 15, capacity_kwh: 10, mean_power_w: 1000, expect: null },
  { id: "own_small_battery_full_soon", now: "10:00", soc: 90, reserve: 15, capacity_kwh: 5, mean_power_w: 1500, expect: "Full at 10:20" },
  { id: "own_full_over_midnight", now: "23:00", soc: 20, reserve: 5, capacity_kwh: 10, mean_power_w: 2000, expect: "Full at 03:10" },
  { id: "own_one_percent_an_hour_is_enough", now: "06:00", soc: 40, reserve: 15, capacity_kwh: 20, mean_power_w: -210, expect: "Lasts until 04:40" },
  { id: "own_below_the_reserve", now: "22:00", soc: 9, reserve: 20, capacity_kwh: 10, mean_power_w: -50, expect: "At reserve (20 %)" },
  { id: "own_power_unknown", now: "12:00", soc: 50, reserve: 15, capacity_kwh: 10, mean_power_w: null, expect: null },
];

for (const { id, now, soc, reserve, capacity_kwh: capacity, mean_power_w: power, expect } of [...cases("battery"), ...OWN]) {
  test(`battery: ${id}`, () => {
    const line = lineOf({ now: at(now), level: soc, reserve, capacity, power });
    const text = line && spaced(filled(texts("en")[line.text], { time: line.at && clock(line.at, EN), level: percent(reserve, EN) }));
    assert.equal(text, expect);
  });
}

test("a GX knows its own time to go", () => {
  const line = lineOf({ now: at("20:00"), level: 50, reserve: 10, capacity: null, power: -500, time_to_go: 5.5 });
  assert.deepEqual(line, { text: "lasts_until", at: at("20:00") + 5.5 * 60 * MINUTE });
  assert.equal(lineOf({ now: at("20:00"), level: 50, capacity: null, power: 500, time_to_go: 5.5 }), null);
});

test("where there is a plan, its time counts", () => {
  const plan = [{ time: at("09:00"), value: 100 }, { time: at("11:00"), value: 80 }, { time: at("12:30"), value: 99.5 }];
  const line = lineOf({ now: at("10:00"), level: 60, reserve: 15, capacity: 10, power: 2000, plan });
  assert.deepEqual(line, { text: "full_at", at: at("12:30") });
});

test("what is shown moves only by more than ten minutes", () => {
  const shown = { text: "full_at", at: at("14:20") };
  assert.equal(steady(shown, { text: "full_at", at: at("14:30") }), shown);
  assert.equal(steady(shown, { text: "full_at", at: at("14:40") }).at, at("14:40"));
  assert.equal(steady(shown, null), null);
  assert.equal(steady(null, shown), shown);
  assert.deepEqual(steady(shown, { text: "lasts_until", at: at("14:20") }).text, "lasts_until");
});

test("a mean weighs by time and looks back a quarter of an hour", () => {
  const now = at("12:00");
  assert.equal(meanOf([], now), null);
  assert.equal(meanOf([{ time: now - 60 * MINUTE, value: 900 }], now), 900);
  assert.equal(meanOf([{ time: now - 60 * MINUTE, value: 0 }, { time: now - 5 * MINUTE, value: 900 }], now), 300);
  assert.equal(meanOf([{ time: now - 20 * MINUTE, value: null }, { time: now - 5 * MINUTE, value: 900 }], now), 900);
  assert.equal(meanOf([{ time: now, value: 70 }], now), 70);
});
