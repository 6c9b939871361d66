"""A headless Chromium that looks at Home Assistant's pages as a person would.

Driven through the Chrome DevTools Protocol (https://chromedevtools.github.io/devtools-protocol/),
over a websocket: no driver has to be installed beside the browser.
"""

import argparse
import asyncio
import base64
import itertools
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from simulators.home_assistant_client import HomeAssistantClient, Tokens
from simulators.process import stop_process, with_parent

ROOT: Final = Path(__file__).resolve().parent.parent
UNPACKED: Final = ROOT / ".cache" / "chromium"
PROGRAMS: Final = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
START_TIMEOUT: Final = 30.0
POLL_INTERVAL: Final = 0.2
# A page is done when it has shown the same text for this long, without a spinner.
SETTLED: Final = 1.0

# Home Assistant's page is a tree of shadow roots, which neither innerText nor a selector enters.
DEEP_JS: Final = """
const deep = function* (root) {
  for (const element of root.querySelectorAll('*')) {
    yield element;
    if (element.shadowRoot) yield* deep(element.shadowRoot);
  }
};
const seen = (element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== 'hidden';
};
const ownText = (element) => ['SCRIPT', 'STYLE'].includes(element.tagName) ? '' :
  [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.data.trim()).filter(Boolean).join(' ');
const labels = (element) => [
  ownText(element), element.getAttribute('aria-label'), element.getAttribute('label'),
];
"""
TEXT_JS: Final = (
    "(() => {" + DEEP_JS + "return [...deep(document)].filter(ownText).filter(seen)"
    ".map(ownText).join('\\n'); })()"
)
BUSY_JS: Final = (
    "(() => {" + DEEP_JS + "const busy = ['HASS-LOADING-SCREEN', 'HA-SPINNER', 'HA-INIT-PAGE'];"
    "return [...deep(document)].some((element) => busy.includes(element.tagName) && seen(element));"
    "})()"
)
PLACE_JS: Final = (
    "((text) => {" + DEEP_JS + "const hit = [...deep(document)].filter(seen)"
    ".filter((element) => labels(element).includes(text)).at(-1);"
    "if (!hit) return null; hit.scrollIntoView({block: 'center'});"
    "const box = hit.getBoundingClientRect();"
    "return {x: box.x + box.width / 2, y: box.y + box.height / 2}; })"
)
FIELD_JS: Final = (
    "((label) => {" + DEEP_JS + "const field = [...deep(document)]"
    ".filter((element) => element.tagName === 'HA-SELECTOR' && element.label === label).at(-1);"
    "const input = field && [...deep(field.shadowRoot)]"
    ".filter((element) => element.tagName === 'INPUT').at(-1);"
    "if (!input) return false; input.focus(); input.select(); return true; })"
)
OPTION_JS: Final = (
    "((value) => {" + DEEP_JS + "const option = [...deep(document)].filter(seen)"
    ".filter((element) => element.tagName === 'HA-RADIO-OPTION' && element.value === value).at(-1);"
    "if (!option) return false; option.click(); return true; })"
)


class BrowserError(Exception):
    """The browser is not to be had, or the page did not do what was expected."""


async def find_chromium() -> str:
    """Return the path of a Chromium, unpacked from Debian's packages if need be."""
    for name in PROGRAMS:
        if program := shutil.which(name):
            return program
    program = str(UNPACKED / "usr" / "lib" / "chromium" / "chromium-headless-shell")
    if not os.access(program, os.X_OK):
        unpack = await asyncio.create_subprocess_exec(
            str(ROOT / "scripts" / "lib" / "debian"),
            str(UNPACKED),
            "chromium-headless-shell",
            "fonts-dejavu-core",
            "fonts-noto-core",
        )
        if await unpack.wait() != 0:
            message = "There is no Chromium on this machine. Install it, so that it is on PATH."
            raise BrowserError(message)
    return program


class Browser:
    """One Chromium with one page. An async context manager."""

    def __init__(self, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Take the size of the window, and the colours that the system asks pages for."""
        self._width = width
        self._height = height
        self._dark = dark
        self._numbers = itertools.count(1)
        self._profile = tempfile.mkdtemp(prefix="chromium-")
        self.errors: list[str] = []
        """What the page has written to its console as errors and warnings, as JSON."""

    async def goto(self, url: str) -> None:
        """Open an address."""
        await self.send("Page.navigate", url=url)

    async def text(self) -> str:
        """Return all text that the page shows, shadow roots included."""
        return str(await self.evaluate(TEXT_JS))

    async def settle(self, expected: str = "", patience: float = 30.0) -> str:
        """Wait until the page shows the expected text and has stopped changing; return its text."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        text, since = "", loop.time()
        while loop.time() < end:
            await asyncio.sleep(POLL_INTERVAL)
            now = "" if await self.evaluate(BUSY_JS) else await self.text()
            if now != text:
                # Numbers of a living house never rest.
                if re.sub(r"\d", "0", now) != re.sub(r"\d", "0", text):
                    since = loop.time()
                text = now
            if text and expected in text and loop.time() - since >= SETTLED:
                return text
        message = f"The page does not show {expected!r} in {patience:.0f} s, but:\n{text}"
        raise BrowserError(message)

    async def click(self, text: str, patience: float = 10.0) -> None:
        """Click the innermost element that has this text or label."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        place = None
        while not place:
            place = await self.evaluate(f"{PLACE_JS}({json.dumps(text)})")
            if not place and loop.time() > end:
                message = (
                    f"Nothing to click is called {text!r}. The page shows:\n{await self.text()}"
                )
                raise BrowserError(message)
            await asyncio.sleep(POLL_INTERVAL)
        for kind in ("mousePressed", "mouseReleased"):
            await self.send(
                "Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place
            )

    async def fill(self, label: str, text: str) -> None:
        """Type into the field of a form that has this label, in place of what is there."""
        if not await self.evaluate(f"{FIELD_JS}({json.dumps(label)})"):
            message = f"No field is called {label!r}. The page shows:\n{await self.text()}"
            raise BrowserError(message)
        await self.send("Input.insertText", text=text)

    async def choose(self, value: str) -> None:
        """Choose the option of a form that stands for this value."""
        if not await self.evaluate(f"{OPTION_JS}({json.dumps(value)})"):
            message = f"No option is {value!r}. The page shows:\n{await self.text()}"
            raise BrowserError(message)

    async def screenshot(self, file: Path) -> None:
        """Write what the window shows as PNG."""
        picture = await self.send("Page.captureScreenshot", format="png")
        await asyncio.to_thread(file.write_bytes, base64.b64decode(picture["data"]))

    async def log_in(self, url: str, tokens: Tokens, language: str = "en") -> None:
        """Have Home Assistant's page at `url` find a login and a language in its storage."""
        stored = {
            "hassTokens": json.dumps(
                {
                    "access_token": tokens.access_token,
                    "refresh_token": tokens.refresh_token,
                    "token_type": "Bearer",
                    "expires_in": tokens.expires_in,
                    "hassUrl": url,
                    "clientId": tokens.client_id,
                }
            ),
            "selectedLanguage": json.dumps(language),
        }
        script = (
            f"const stored = {json.dumps(stored)};"
            "const tokens = JSON.parse(stored.hassTokens);"
            "tokens.expires = Date.now() + tokens.expires_in * 1000;"
            "stored.hassTokens = JSON.stringify(tokens);"
            "for (const [key, value] of Object.entries(stored)) localStorage.setItem(key, value);"
        )
        await self.send("Page.addScriptToEvaluateOnNewDocument", source=script)

    async def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            message = f"{answer['exceptionDetails']}"
            raise BrowserError(message)
        return answer["result"].get("value")

    async def send(self, method: str, **parameters: object) -> Any:
        """Send one command of the DevTools protocol and return its result."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (answer := await self._socket.receive_json()).get("id") != number:
            # An event, or the answer to a command that was given up.
            self._note(answer)
        if "error" in answer:
            message = f"{method}: {answer['error']}"
            raise BrowserError(message)
        return answer["result"]

    def _note(self, event: Mapping[str, Any]) -> None:
        """Keep what an event says of an error in the page."""
        parameters = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.errors.append(json.dumps(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in {"error", "warning"}:
                self.errors.append(json.dumps(parameters))
            case "Log.entryAdded" if parameters["entry"]["level"] == "error":
                self.errors.append(json.dumps(parameters["entry"]))

    async def __aenter__(self) -> Self:
        """Start the browser and open an empty page."""
        self._process = await asyncio.create_subprocess_exec(
            await find_chromium(),
            *FLAGS,
            f"--user-data-dir={self._profile}",
            f"--window-size={self._width},{self._height}",
            "about:blank",
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
            preexec_fn=with_parent,
            start_new_session=True,
        )
        self._session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await self._connect()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def _connect(self) -> None:
        errors = self._process.stderr
        if errors is None:
            raise RuntimeError
        lines = b""
        while not (listening := re.search(rb"DevTools listening on ws://([^/]+)/", lines)):
            line = await errors.readline()
            if not line:
                message = f"Chromium ended at once: {lines.decode(errors='replace')}"
                raise BrowserError(message)
            lines += line
        # Nobody reads on, and a full pipe would halt the browser.
        self._drain = asyncio.create_task(errors.read())
        async with self._session.get(f"http://{listening[1].decode()}/json") as response:
            pages = [page for page in await response.json() if page["type"] == "page"]
        self._socket = await self._session.ws_connect(
            pages[0]["webSocketDebuggerUrl"], max_msg_size=0
        )
        for domain in ("Page", "Runtime", "Log"):
            await self.send(f"{domain}.enable")
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=self._width,
            height=self._height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = "dark" if self._dark else "light"
        await self.send(
            "Emulation.setEmulatedMedia",
            features=[
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ],
        )

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the browser and forget its profile."""
        await self._session.close()
        await stop_process(self._process)
        shutil.rmtree(self._profile, ignore_errors=True)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/screenshot",
        description="Take a picture of a page of the Home Assistant that scripts/develop runs.",
    )
    parser.add_argument("path", help="of the page, for example /config/integrations/dashboard")
    parser.add_argument("file", type=Path, help="the PNG to write")
    parser.add_argument("--url", default="http://127.0.0.1:8123", help="of Home Assistant")
    parser.add_argument("--size", default="1280x900", help="of the window, WIDTHxHEIGHT")
    parser.add_argument("--language", default="en", help="of the page (en, de, it, ro)")
    parser.add_argument("--dark", action="store_true", help="dark colours")
    parser.add_argument("--wait", default="", metavar="TEXT", help="wait until TEXT is shown")
    parser.add_argument(
        "--click",
        action="append",
        default=[],
        metavar="TEXT",
        help="click what is called TEXT, before the picture; may be repeated",
    )
    parser.add_argument("--text", action="store_true", help="print the text of the page too")
    return parser.parse_args(arguments)


async def screenshot(options: argparse.Namespace) -> None:
    """Do what the command line says."""
    width, height = map(int, options.size.split("x"))
    url = options.url.rstrip("/")
    async with HomeAssistantClient(url) as client:
        tokens = await client.log_in()
    async with Browser(width=width, height=height, dark=options.dark) as browser:
        await browser.log_in(url, tokens, options.language)
        await browser.goto(url + options.path)
        text = await browser.settle("" if options.click else options.wait)
        for number, name in enumerate(options.click, 1):
            await browser.click(name)
            text = await browser.settle(options.wait if number == len(options.click) else "")
        await browser.screenshot(options.file)
    if options.text:
        print(text)


if __name__ == "__main__":
    try:
        asyncio.run(screenshot(parse_arguments()))
    except BrowserError as failure:
        sys.exit(str(failure))
