/** The day's curve: where its labels stand, and what it says of a limit. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { elements, load, spaced, texts } from "./support.mjs";

await load("plan-card");

const HOUR = 3_600_000;
const NOW = Date.parse("2026-06-21T09:14:00Z");
/** A digit or letter is at most so wide (of the font's size), and so high. */
const [WIDE, HIGH] = [0.6, 1];

/** A day that goes everywhere: PV to the top, a level from 0 to 100 %. */
const series = Array.from({ length: 96 }, (_, quarter) => ({
  time: new Date(Date.parse("2026-06-21T00:00:00Z") + (quarter * HOUR) / 4).toISOString(), forecast: Math.abs(9_900 * Math.sin(quarter / 7)), load: 300 + 40 * quarter, level: quarter % 101,
}));

async function drawn({ language = "en", hour12 = false, plan = {}, now = NOW } = {}) {
  const resources = Object.fromEntries(Object.entries(texts(language)).map(([key, text]) => [`component.hausstrom.common.dashboard_${key}`, text]));
  const answers = {
    call_service: { response: { series, reason: "planned", explanation: "Because.", mode: "manual", capacity_limit: 45, end_time: "12:00:00", ...plan } },
    "frontend/get_translations": { resources },
    "recorder/statistics_during_period": Object.fromEntries(["pv", "house", "level"].map((id) => [id, Array.from({ length: 110 }, (_, five) => ({ start: Date.parse("2026-06-21T00:00:00Z") + five * 300_000, mean: (five * 90) % 9_000 }))])),
  };
  const card = new elements["hausstrom-plan-card"]();
  card.setConfig({ plan: "entry", solar: "pv", house: "house", level: "level" });
  card._hass = { language: `${language}-${hour12}`, locale: { language, number_format: "language", time_format: hour12 ? "12" : "24", time_zone: "server" }, config: { time_zone: "UTC" }, states: {}, callWS: async ({ type }) => answers[type] };
  let html = "";
  card.show = (text) => (html = text);
  const real = Date.now;
  Date.now = () => now;
  try {
    await card.reload();
    card.render();
  } finally {
    Date.now = real;
  }
  return { html, size: Number(/text\{[^}]*font-size:(\d+)px/.exec(card.style_)[1]) };
}

/** Return the boxes of the labels: [text, left, right, top, bottom]. */
const boxesOf = ({ html, size }) =>
  [...html.matchAll(/<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">([^<]*)</g)].map(([, x, y, anchor, text]) => {
    const wide = text.length * WIDE * size;
    const left = Number(x) - wide * { start: 0, middle: 0.5, end: 1 }[anchor];
    return [text, left, left + wide, Number(y) - HIGH * size, Number(y)];
  });

/** Return the frame that the curves stay in: [left, right, top, bottom]. */
function frameOf({ html }) {
  const points = [...html.matchAll(/ d="([^"]+)"/g)].flatMap(([, path]) => [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
}

test("no label lies over a curve, over another label or beyond the card", async () => {
  for (const language of ["en", "de", "it", "ro"]) {
    for (const hour12 of [false, true]) {
      for (const [capacity_limit, end_time] of [[5, "06:00:00"], [45, "12:00:00"], [90, "23:45:00"], [0, "00:00:00"]]) {
        const shown = await drawn({ language, hour12, plan: { capacity_limit, end_time } });
        const boxes = boxesOf(shown);
        const [left, right, top, bottom] = frameOf(shown);
        assert.ok(boxes.length >= 7, shown.html);
        boxes.forEach(([text, from, to, above, below], index) => {
          assert.ok(from >= -1 && to <= 401, `${text} reaches out of the card`);
          assert.ok(to <= left || from >= right || above >= bottom || below <= top, `${text} lies over the curves`);
          for (const [other, from_, to_, above_, below_] of boxes.slice(index + 1)) {
            assert.ok(to <= from_ || to_ <= from || below <= above_ || below_ <= above, `${text} lies on ${other}`);
          }
        });
      }
    }
  }
});

test("a limit in force is drawn, and said below", async () => {
  const { html } = await drawn();
  assert.match(spaced(html), /Limit 45 % until 12:00<\/span>/);
  const [, path] = /class="dotted" d="([^"]+)"/.exec(html);
  const points = [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  // From midnight on at 45 %, and down to the ground at noon: the middle of the day.
  assert.deepEqual(points.map(([x]) => x), [30, 200, 200]);
  assert.ok(points[0][1] === points[1][1] && Math.abs(points[0][1] - (178 - 0.45 * 166)) < 0.1 && points[2][1] === 178, path);
  assert.match(spaced((await drawn({ language: "de" })).html), /Grenze 45 % bis 12:00<\/span>/);
});

test("the end is a time of the home's day, wherever the page is", async () => {
  const far = series.map((row) => ({ ...row, time: row.time.replace(".000Z", "+09:00") }));
  const { html } = await drawn({ plan: { series: far, end_time: "13:30:00" } });
  // 13:30 in Tokyo is 4:30 on a page that shows UTC.
  assert.match(spaced(html), /until 04:30<\/span>/);
});

test("without a limit nothing is said of one", async () => {
  for (const plan of [{ capacity_limit: 0 }, { capacity_limit: 100 }, { capacity_limit: null, end_time: null }, { end_time: null }, { mode: "deactivated" }, { mode: "auto" }, { mode: null }]) {
    const { html } = await drawn({ plan });
    assert.doesNotMatch(html, /dotted|Limit/);
    assert.match(html, />Solar</);
  }
});
