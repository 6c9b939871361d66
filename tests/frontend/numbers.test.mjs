import assert from "node:assert/strict";
import { test } from "node:test";
import { DE, EN, load, sources, spaced, texts } from "./support.mjs";

const { clock, day, energy, money, percent, power, since, startOf, volume, writingOf } = await load("numbers");
const { filled, loadTexts, textsOf } = await load("texts");

test("a power is a magnitude, in steps that a person can read", () => {
  for (const [watts, text] of [
    [0, "0 W"], [14, "10 W"], [442, "440 W"], [-442, "440 W"], [994, "990 W"], [996, "1.0 kW"], [1250, "1.3 kW"], [-2332, "2.3 kW"],
    [9949, "9.9 kW"], [9960, "10 kW"], [22400, "22 kW"], [123456, "123 kW"], [null, "–"],
  ]) assert.equal(spaced(power(watts, EN)), text);
  assert.equal(power(4111, DE), "4,1\u202fkW");
});

test("energies, volumes, shares and money", () => {
  for (const [kwh, text] of [[0, "0.00 kWh"], [9.994, "9.99 kWh"], [9.996, "10.0 kWh"], [99.94, "99.9 kWh"], [99.96, "100 kWh"], [1234.5, "1,235 kWh"], [null, "–"]]) {
    assert.equal(spaced(energy(kwh, EN)), text);
  }
  for (const [cubic, text] of [[0, "0 L"], [0.4, "400 L"], [0.9996, "1.00 m³"], [1.2, "1.20 m³"], [41.2, "41.2 m³"], [null, "–"]]) {
    assert.equal(spaced(volume(cubic, EN)), text);
  }
  assert.equal(spaced(percent(94.4, EN)), "94 %");
  assert.equal(percent(null, EN), "–");
  assert.equal(spaced(money(2.416, DE)), "2,42 €");
});

test("numbers follow the user's choice, not only the language", () => {
  const hass = (locale) => ({ locale: { language: "en", number_format: "language", time_format: "24", ...locale }, config: { currency: "CHF", time_zone: "Europe/Vienna" } });
  assert.equal(spaced(energy(1234.5, writingOf(hass({ number_format: "none" })))), "1235 kWh");
  assert.equal(spaced(power(4111, writingOf(hass({ number_format: "decimal_comma" })))), "4,1 kW");
  assert.equal(writingOf(hass({ time_format: "12" })).cycle, "h12");
  assert.equal(writingOf(hass({ time_zone: "server" })).zone, "Europe/Vienna");
  assert.equal(writingOf(hass({})).zone, undefined);
  assert.equal(writingOf({}).language, "en");
});

test("times of today stand alone, others with their day", () => {
  const now = Date.UTC(2026, 10, 26, 14, 5);
  assert.equal(clock(now, EN), "14:05");
  assert.equal(since(now - 3_600_000, now, DE), "13:05");
  assert.equal(since(now - 86_400_000, now, DE), `${day(now - 86_400_000, DE)} 14:05`);
});

test("a day begins at the user's midnight, also when the clock was changed since", () => {
  const vienna = "Europe/Vienna";
  for (const [now, begin] of [
    ["2026-11-26T14:05:00Z", "2026-11-25T23:00:00Z"],
    ["2026-06-30T22:30:00Z", "2026-06-30T22:00:00Z"],
    ["2026-03-29T10:00:00Z", "2026-03-28T23:00:00Z"], // summer time began
    ["2026-10-25T10:00:00Z", "2026-10-24T22:00:00Z"], // and ended
    ["2026-10-25T00:30:00Z", "2026-10-24T22:00:00Z"],
  ]) assert.equal(new Date(startOf(Date.parse(now), vienna)).toISOString(), `${begin.slice(0, -1)}.000Z`);
  assert.equal(new Date(startOf(Date.parse("2026-11-26T14:05:00Z"), vienna, "month")).toISOString(), "2026-10-31T23:00:00.000Z");
  assert.equal(new Date(startOf(Date.parse("2026-11-26T14:05:00Z"), vienna, "year")).toISOString(), "2025-12-31T23:00:00.000Z");
});

test("texts come from the integration, in the language of the page, and every one that is shown is there", async () => {
  const asked = [];
  const page = (language) => ({
    locale: { language },
    callWS: async (message) => {
      asked.push(`${message.language} ${message.category}`);
      if (message.language === "xx") throw new Error("not now");
      if (message.category === "selector") return { resources: { "component.hausstrom.selector.peak_shaving_reason.options.kept": "Bleibt.", "component.hausstrom.selector.mode.options.auto": "x" } };
      return { resources: { "component.hausstrom.common.dashboard_now": texts(message.language).now, "component.hausstrom.common.energy_grid": "Grid" } };
    },
  });
  assert.equal(textsOf(page("de")), undefined);
  assert.deepEqual(await loadTexts(page("de")), { now: "Jetzt", reason_kept: "Bleibt." });
  await loadTexts(page("de"));
  assert.deepEqual(asked, ["de common", "de selector"]);
  assert.equal(textsOf(page("de")).now, "Jetzt");
  // What failed is asked again.
  assert.equal(await loadTexts(page("xx")), undefined);
  assert.equal(await loadTexts(page("xx")), undefined);
  assert.deepEqual(asked, ["de", "xx", "xx"].flatMap((language) => [`${language} common`, `${language} selector`]));
  assert.equal(filled("Full at {time}", { time: "14:20" }), "Full at 14:20");
  const used = new Set(sources().flatMap(([, source]) => [...source.matchAll(/\btexts\.(\w+)\b(?!")/g)].map(([, key]) => key)));
  assert.ok(used.size > 30);
  for (const key of used) assert.ok(key in texts("en"), key);
});
