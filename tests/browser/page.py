"""What a person would complain of on a page: cut text, a unit alone, words that overlap."""

import json
import re
from typing import Any, Final

from simulators.browser import DEEP_JS, Browser

# Text that does not fit where it stands, and is not there to be scrolled.
CUT_JS: Final = (
    "(() => {"
    + DEEP_JS
    + """
const scrolls = (element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
const ours = [...deep(document)].filter((one) => one.tagName === 'HUI-VIEW').at(-1);
const cut = [];
for (const element of ours ? deep(ours.shadowRoot || ours) : []) {
  if (!ownText(element) || !seen(element) || element instanceof SVGElement || scrolls(element)) continue;
  const style = getComputedStyle(element);
  if (style.overflowX !== 'hidden' || style.position === 'absolute') continue;
  if (element.scrollWidth > element.clientWidth + 1) cut.push(ownText(element));
}
return cut;
})()"""
)
# Texts of our drawings that lie on each other, or reach out of the card.
OVERLAP_JS: Final = (
    "(() => {"
    + DEEP_JS
    + """
const faults = [];
for (const card of [...deep(document)].filter((one) => one.tagName === 'HAUSSTROM-FLOW-CARD')) {
  const frame = card.getBoundingClientRect();
  const texts = [...card.shadowRoot.querySelectorAll('svg text')].filter((one) => one.textContent);
  const boxes = texts.map((one) => [one.textContent, one.getBoundingClientRect()]);
  boxes.forEach(([text, box], number) => {
    if (box.left < frame.left - 1 || box.right > frame.right + 1) faults.push(`${text} leaves the card`);
    for (const [other, it] of boxes.slice(number + 1)) {
      const [wide, high] = [Math.min(box.right, it.right) - Math.max(box.left, it.left),
        Math.min(box.bottom, it.bottom) - Math.max(box.top, it.top)];
      if (wide > 1 && high > 4) faults.push(`${text} lies on ${other}`);
    }
  });
  const size = Math.min(...texts.map((one) => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a));
  if (size < 13) faults.push(`text of ${size} px`);
}
return faults;
})()"""
)
# Labels of a drawing with curves that lie over one of them, over each other, or reach out of the card.
OVER_CURVES_JS: Final = (
    "(() => {"
    + DEEP_JS
    + """
const faults = [];
for (const card of [...deep(document)].filter((one) => one.tagName === 'HAUSSTROM-PLAN-CARD')) {
  const frame = card.getBoundingClientRect();
  const svg = card.shadowRoot.querySelector('svg');
  if (!svg) continue;
  const place = svg.getScreenCTM();
  const points = [...svg.querySelectorAll('path')].flatMap((path) => {
    const steps = Math.ceil(path.getTotalLength());
    return Array.from({length: steps + 1}, (_, step) => path.getPointAtLength(step).matrixTransform(place));
  });
  const boxes = [...svg.querySelectorAll('text')].map((one) => [one.textContent, one.getBoundingClientRect()]);
  boxes.forEach(([text, box], number) => {
    if (box.left < frame.left - 1 || box.right > frame.right + 1) faults.push(`${text} leaves the card`);
    // A line of text has some air above and below its letters.
    const [top, bottom] = [box.top + box.height * 0.15, box.bottom - box.height * 0.2];
    if (points.some(({x, y}) => x > box.left && x < box.right && y > top && y < bottom)) faults.push(`${text} lies over a curve`);
    for (const [other, it] of boxes.slice(number + 1)) {
      const [wide, high] = [Math.min(box.right, it.right) - Math.max(box.left, it.left),
        Math.min(box.bottom, it.bottom) - Math.max(box.top, it.top)];
      if (wide > 0 && high > 4) faults.push(`${text} lies on ${other}`);
    }
  });
}
return faults;
})()"""
)
# The day's curve with a plan, as if it were that of this home; the page is the real one.
DRAW_PLAN_JS: Final = (
    "((plan) => {"
    + DEEP_JS
    + """
const {hass} = document.querySelector('home-assistant');
const flow = [...deep(document)].find((one) => one.tagName === 'HAUSSTROM-FLOW-CARD');
const midnight = new Date().setHours(0, 0, 0, 0);
const rows = Array.from({length: 288}, (_, five) => ({start: midnight + five * 300_000, mean: (five * 37) % 9_000}));
const card = document.createElement('hausstrom-plan-card');
card.setConfig({plan: 'entry', solar: 'sensor.pv', house: 'sensor.house', level: 'sensor.level'});
card.hass = {...hass, callWS: async (message) => message.type === 'call_service' ? {response: plan}
  : message.type === 'recorder/statistics_during_period' ? {'sensor.pv': rows, 'sensor.house': rows, 'sensor.level': rows}
  : hass.callWS(message)};
flow.parentElement.before(card);
})"""
)
CONFIG_LINKS_JS: Final = (
    "(() => {"
    + DEEP_JS
    + """
const links = [...deep(document)].filter((one) => one.tagName === 'A' && seen(one)).map((one) => one.getAttribute('href') || '');
const cards = [...deep(document)].filter((one) => one.tagName.startsWith('HUI-') && one._config).map((one) => JSON.stringify(one._config));
return [...links, ...cards].filter((one) => one.includes('/config'));
})()"""
)
UNIT_ALONE: Final = re.compile(
    r"(?:^|\n)\s*(?:k?Wh?|%|m³|L|V|A|€)\s*(?=\n|$)|[\u2013-]\s*\u202f?(?:k?Wh?|m³|L)\b"
)
FORBIDDEN: Final = (
    "Configuration error",
    "Error loading",
    "Timeout waiting",
    "could not be calculated",
    "Entity not found",
    "NaN",
    "undefined",
    "Infinity",
)


async def complaints(browser: Browser) -> list[str]:
    """Return what is wrong with what the page shows now."""
    text = await browser.text()
    cut: list[str] = await browser.evaluate(CUT_JS)
    overlapping: list[str] = await browser.evaluate(OVERLAP_JS)
    over_curves: list[str] = await browser.evaluate(OVER_CURVES_JS)
    return [
        *(f"cut: {one}" for one in cut),
        *overlapping,
        *over_curves,
        *(f"says {word}" for word in FORBIDDEN if word in text),
    ]


async def own_text(browser: Browser) -> str:
    """Return the text of our own cards, a line per element."""
    script = (
        "(() => {" + DEEP_JS + "return [...deep(document)]"
        ".filter((one) => one.tagName.startsWith('HAUSSTROM-'))"
        ".flatMap((card) => [...deep(card.shadowRoot)]).filter(seen).map(ownText)"
        ".filter(Boolean).join('\\n'); })()"
    )
    return str(await browser.evaluate(script))


async def labels(browser: Browser) -> dict[str, str]:
    """Return what the power flow says of each role, as a screen reader reads it."""
    script = (
        "(() => {" + DEEP_JS + "const card = [...deep(document)]"
        ".find((one) => one.tagName === 'HAUSSTROM-FLOW-CARD');"
        "return Object.fromEntries([...(card?.shadowRoot.querySelectorAll('g[aria-label]') || [])]"
        ".map((one) => [one.id, one.getAttribute('aria-label')])); })()"
    )
    found: dict[str, Any] = await browser.evaluate(script)
    return json.loads(json.dumps(found).replace("\\u202f", " "))  # type: ignore[no-any-return]
