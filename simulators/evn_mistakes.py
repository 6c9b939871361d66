"""The form of a smart meter after mistakes: pictures for the guide, from a real Home Assistant.

`python -m simulators.evn_mistakes [names]` starts a home with a meter, enters each mistake
in the page as a person would, waits for what the form says, and takes a picture of it.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiomqtt

from simulators.browser import Browser, BrowserError
from simulators.develop import Development, parse_arguments, say
from simulators.evn import TOPIC, EvnMeter
from simulators.evn_framing import bare_text
from simulators.evn_meters import BY_NAME
from simulators.evn_telegram import KAIFA
from simulators.home_assistant_client import HomeAssistantError
from simulators.pictures import IMAGES

PORT: Final = 8141
KEY: Final = KAIFA.key.hex().upper()
FORM: Final = "/config/integrations/dashboard/add?domain=hausstrom"
MENU: Final = "Smart meter (EVN and other Austrian operators)"

type Publish = Callable[[datetime], bytes]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is published on a topic of its own, what is entered, and what the form says."""

    name: str
    says: str
    key: str = KEY
    second_key: str = ""
    publish: Publish | None = None

    @property
    def topic(self) -> str:
        """Where it is published."""
        return f"mistakes/{self.name}"


def _telegram(name: str) -> Publish:
    meter = EvnMeter(BY_NAME[name], seed=2, start=datetime.now(UTC))
    return lambda when: meter.telegram(when).hex().upper().encode()


def _plain_text(_when: datetime) -> bytes:
    return bare_text(b"/EST5\\253700042_A\r\n\r\n1-0:1.8.0(004112.944*kWh)\r\n")


MISTAKES: Final = (
    Mistake("wrong-key", "cannot decrypt", key="00112233445566778899AABBCCDDEEFF"),
    Mistake("no-key", "Invalid key", key=KEY.encode().hex()),
    Mistake("unencrypted", "Unencrypted DSMR text", publish=_plain_text),
    Mistake(
        "json-without-telegram",
        "they contain no telegram",
        publish=lambda _: b'{"Time":"2026-11-26T17:11:00","ENERGY":{"Power":412}}',
    ),
    Mistake(
        "wrong-authentication-key",
        "authentication key does not match",
        second_key="00112233445566778899AABBCCDDEEFF",
        publish=_telegram("graz"),
    ),
)
"""Telegrams of the home's own meter come on the default topic, for those that publish nothing."""


async def publish_for_ever(host: str, port: int) -> None:
    """Publish what each mistake is about, once a second."""
    async with aiomqtt.Client(host, port) as client:
        while True:
            when = datetime.now(UTC).replace(microsecond=0)
            for mistake in MISTAKES:
                if mistake.publish is not None:
                    await client.publish(mistake.topic, mistake.publish(when))
            await asyncio.sleep(1)


async def open_form(browser: Browser, url: str) -> None:
    """Open the form of a smart meter."""
    await browser.goto(url + FORM)
    for name in ("OK", MENU):
        with contextlib.suppress(BrowserError):
            await browser.settle(patience=15)
        await browser.click(name)
    await browser.settle("Submit")


async def enter(browser: Browser, mistake: Mistake) -> None:
    """Fill in the form, submit it, and wait for what it says."""
    await browser.fill("Decryption key", mistake.key)
    if mistake.second_key:
        await browser.fill("Authentication key (optional)", mistake.second_key)
    await browser.fill("Topic", mistake.topic if mistake.publish else TOPIC)
    await browser.click("Submit")
    await browser.settle(mistake.says, patience=60)


async def take_all(names: list[str], folder: Path) -> None:
    """Take the form, and what it says to each mistake."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        options = parse_arguments(["--port", str(PORT), "--home", "meter", "--once"])
        async with Development(options, Path(state)).running() as running:
            client = running.hass.client
            assert running.broker is not None  # noqa: S101  the home has a meter
            task = asyncio.create_task(publish_for_ever(running.broker.host, running.broker.port))
            try:
                for mistake in (None, *MISTAKES):
                    name = "smart-meter-form" + (f"-{mistake.name}" if mistake else "")
                    if names and name not in names:
                        continue
                    async with Browser(width=640, height=960) as browser:
                        await browser.log_in(client.url, await client.log_in())
                        await open_form(browser, client.url)
                        if mistake is not None:
                            await enter(browser, mistake)
                        await asyncio.sleep(1)
                        await browser.screenshot(folder / f"{name}.png")
                    say(f"{name}.png")
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m simulators.evn_mistakes", description=__doc__)
    parser.add_argument("names", nargs="*", help="of pictures; all if none is named")
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to write them")
    options = parser.parse_args()
    asyncio.run(take_all(options.names, options.folder))


if __name__ == "__main__":
    try:
        main()
    except (BrowserError, HomeAssistantError) as failure:
        sys.exit(str(failure))
