"""How long a page of the dashboard takes until it shows its first value, and what is sent for it.

A real Home Assistant with the demo house, a real Chromium. Figures: from the request of our first
module to the first number in the power flow, cold (nothing cached) and warm, and the whole of it
beside Home Assistant's own start of the page. Run alone: `scripts/bench dashboard`.
"""

import asyncio
import json
import statistics
import tempfile
from pathlib import Path

from simulators.browser import Browser
from simulators.develop import Development, parse_arguments
from simulators.home_assistant_client import Tokens
from simulators.pictures import BOARD, add_board

ROUNDS = 5
FIRST_VALUE_JS = """
new Promise((found) => {
  const end = performance.now() + 60000;
  const look = () => {
    const all = function* (root) {
      for (const one of root.querySelectorAll('*')) {
        yield one;
        if (one.shadowRoot) yield* all(one.shadowRoot);
      }
    };
    const card = [...all(document)].find((one) => one.tagName === 'HAUSSTROM-FLOW-CARD');
    const text = [...(card?.shadowRoot?.querySelectorAll('.number') || [])].map((one) => one.textContent).join(' ');
    if (!/\\d/.test(text) && performance.now() < end) return setTimeout(look, 10);
    const ours = performance.getEntriesByType('resource').filter((one) => one.name.includes('/hausstrom_frontend/'));
    found(JSON.stringify([performance.now(), Math.min(...ours.map((one) => one.startTime)),
      ours.length, ours.reduce((sum, one) => sum + one.encodedBodySize, 0), Math.max(...ours.map((one) => one.responseEnd))]));
  };
  look();
})
"""


async def measure(path: str, client_url: str, tokens: Tokens) -> None:
    """Open the page in a new browser, then once more, and print the figures."""
    for label in ("cold", "warm"):
        seen: list[list[float]] = []
        for _ in range(ROUNDS):
            async with Browser(width=1400, height=900) as browser:
                await browser.log_in(client_url, tokens, "en")
                if label == "warm":
                    await browser.goto(client_url + path)
                    await browser.settle("Power flow")
                await browser.goto(client_url + path)
                answer = await browser.send(
                    "Runtime.evaluate",
                    expression=FIRST_VALUE_JS,
                    returnByValue=True,
                    awaitPromise=True,
                )
                seen.append(json.loads(answer["result"]["value"]))
        whole, begin, count, size, loaded = (
            statistics.median(one[column] for one in seen) for column in range(5)
        )
        print(
            f"{label}: first value {whole - begin:5.0f} ms after our first module was asked for"
            f" ({loaded - begin:.0f} ms of it loading), {whole:5.0f} ms after the page"
            f" · {count:.0f} modules, {size / 1000:.1f} kB sent"
        )


async def main() -> None:
    """Start the demo house and measure."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        options = parse_arguments(["--port", "8161", "--home", "family", "--once"])
        async with Development(options, Path(state)).running() as running:
            client = running.hass.client
            await add_board(client)
            await measure(f"/{BOARD}/now", client.url, await client.log_in())


if __name__ == "__main__":
    asyncio.run(main())
