"""All pictures of the documentation, taken from the simulated homes: scripts/screenshot --all."""

import argparse
import asyncio
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from simulators.browser import Browser, BrowserError
from simulators.develop import Development, parse_arguments, say
from simulators.home_assistant_client import HomeAssistantClient, HomeAssistantError

IMAGES: Final = Path(__file__).resolve().parent.parent / "docs" / "images"
HOMES_FOLDER: Final = Path(__file__).resolve().parent.parent / ".config" / "pictures"
BOARD: Final = "hausstrom-home"
PORT: Final = 8140


MORNING: Final = 8
"""The sun rises, the battery charges, and there is a day to plan."""
HELD: Final = 9
"""The battery is at the limit of the plan."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: of which home and page; `path` may hold {device: its name}."""

    file: str
    home: str
    path: str
    size: tuple[int, int] = (1400, 900)
    language: str = "en"
    dark: bool = False
    click: tuple[str, ...] = ()
    after: float = 2.0
    hour: int = MORNING
    """Of the home's day, about: scripts/screenshot puts the home where it is that time."""


NOW: Final = f"/{BOARD}/now"
PICTURES: Final = (
    Picture("dashboard", "home", NOW, (1400, 820)),
    Picture("dashboard.de", "home", NOW, (1400, 820), "de"),
    Picture("dashboard-dark", "home", NOW, (1400, 820), dark=True),
    Picture("dashboard-phone", "home", NOW, (390, 1500)),
    Picture("dashboard-phone-dark", "home", NOW, (390, 1500), dark=True),
    Picture("dashboard-curves", "home", f"/{BOARD}/curves", (1400, 1130)),
    Picture("dashboard-peak-shaving", "home", f"/{BOARD}/device-2", (1400, 900)),
    Picture("dashboard-plan", "family", NOW, (1400, 860), hour=HELD),
    Picture("dashboard-plan.de", "family", NOW, (1400, 860), "de", hour=HELD),
    Picture("dashboard-plan-phone", "family", NOW, (390, 1400), hour=HELD),
    Picture("dashboard-plan-phone.de", "family", NOW, (390, 1400), "de", hour=HELD),
    Picture("energy-dashboard", "home", "/energy/electricity", (1400, 1100)),
    Picture("energy-dashboard-home", "home", "/energy", (1400, 900)),
    Picture("energy-settings", "home", "/config/energy", (1400, 1100)),
    Picture("smart-meter-device", "home", "{Smart meter}", (1400, 900)),
    Picture("smart-meter-device-dark", "home", "{Smart meter}", (1400, 900), dark=True),
    Picture(
        "smart-meter-form",
        "home",
        "/config/integrations/dashboard/add?domain=hausstrom",
        (640, 700),
        click=("OK", "Smart meter (EVN and other Austrian operators)"),
    ),
    Picture("dashboard-victron", "victron", NOW, (1400, 780)),
    Picture("victron-gx", "victron", "{Cerbo GX}", (1400, 900)),
    Picture("victron-battery", "victron", "{Cellar battery}", (1400, 900)),
    Picture("dashboard-smartlog", "building", f"/{BOARD}/building", (1400, 900)),
    Picture("dashboard-smartlog-phone", "building", f"/{BOARD}/building", (390, 900)),
    Picture("smartlog", "building", "{SmartLog …00b1}", (1400, 900)),
    Picture("smartlog-heat-meter", "building", "{Flat 1 heat}", (1400, 900)),
)
FIRST_MINUTE: Final = (0, 10, 60)
LONGEST_HOLD: Final = 60
"""Minutes until a battery that charges has reached the limit of its plan."""
PATIENCE: Final = 90
"""s until a page has to show more than that it loads."""
LEAST_WORDS: Final = 12
ROOF: Final = {"pv_peak_power": 9.5}
PRICES: Final = {"number_energy_price": 0.29, "number_energy_price_export": 0.08}


async def add_board(client: HomeAssistantClient) -> None:
    """Have our dashboard."""
    dashboards = await client.command("lovelace/dashboards/list")
    if all(one["url_path"] != BOARD for one in dashboards):
        await client.command(
            "lovelace/dashboards/create", url_path=BOARD, title="Hausstrom", mode="storage"
        )
    await client.command(
        "lovelace/config/save", url_path=BOARD, config={"strategy": {"type": "custom:hausstrom"}}
    )


async def furnish(client: HomeAssistantClient) -> None:
    """Have our dashboard, the energy dashboard, prices, and peak shaving that plans."""
    await add_board(client)
    await client.request(
        "POST", "/api/services/hausstrom/setup_energy_dashboard?return_response", {}
    )
    preferences: dict[str, Any] = await client.command("energy/get_prefs")
    for source in preferences["energy_sources"]:
        if source["type"] == "grid":
            source.update(PRICES)
    await client.command("energy/save_prefs", energy_sources=preferences["energy_sources"])
    await plan(client)


async def plan(client: HomeAssistantClient) -> None:
    """Turn the planner of peak shaving on, where there is one, and wait for its plan."""
    entities = await client.command("config/entity_registry/list")
    ours = {
        one["unique_id"].split("_", 3)[-1]: one
        for one in entities
        if one["unique_id"].startswith("senec_cloud_")
    }
    if "peak_shaving_planner" not in ours:
        return
    switch, state = (ours[f"peak_shaving_{name}"] for name in ("planner", "plan"))
    entry_id = switch["config_entry_id"]
    (cloud,) = (one for one in await client.entries("hausstrom") if one.entry_id == entry_id)
    await client.set_options(cloud, ROOF)
    for _ in range(60):
        await asyncio.sleep(2)
        await client.request(
            "POST", "/api/services/switch/turn_on", {"entity_id": switch["entity_id"]}
        )
        shown = await client.request("GET", f"/api/states/{state['entity_id']}")
        if shown["state"] in {"planned", "not_needed"}:
            return
    say(f"There is no plan: {shown['state']} {shown['attributes']}")


async def until_held(client: HomeAssistantClient) -> None:
    """Wait until the battery has reached the limit of the plan that is in force."""
    for _ in range(LONGEST_HOLD):
        states = {one["entity_id"]: one["state"] for one in await client.command("get_states")}
        (limit,) = (
            state
            for id_, state in states.items()
            if id_.endswith("_capacity_limit") and id_.startswith("number.")
        )
        (level,) = (
            state for id_, state in states.items() if id_.endswith("hybrid_state_of_charge")
        )
        if float(level) >= float(limit) > 0:
            return
        say(f"The battery is at {level} %, its limit is {limit} %")
        await asyncio.sleep(60)


async def take(client: HomeAssistantClient, picture: Picture, folder: Path) -> None:
    """Take one picture."""
    path = picture.path
    if path.startswith("{"):
        devices = await client.command("config/device_registry/list")
        ids = {one["name"]: one["id"] for one in devices}
        if (name := path.strip("{}")) not in ids:
            msg = f"No device is called {name}, but there are {list(ids)}"
            raise HomeAssistantError(msg)
        path = f"/config/devices/device/{ids[name]}"
    width, height = picture.size
    async with Browser(width=width, height=height, dark=picture.dark) as browser:
        await browser.log_in(client.url, await client.log_in(), picture.language)
        await browser.goto(client.url + path)
        # On a busy machine a page takes its time, and some of them turn a wheel for ever.
        for _ in range(PATIENCE):
            if len((await browser.text()).split()) > LEAST_WORDS:
                break
            await asyncio.sleep(1)
        with contextlib.suppress(BrowserError):
            await browser.settle(patience=15)
        for name in picture.click:
            await browser.click(name)
            with contextlib.suppress(BrowserError):
                await browser.settle(patience=8)
        await asyncio.sleep(picture.after)
        await browser.screenshot(folder / f"{picture.file}.png")
    say(f"{picture.file}.png")


async def take_all(pictures: Sequence[Picture], folder: Path) -> None:
    """Take the pictures, home by home."""
    for home in dict.fromkeys(picture.home for picture in pictures):
        state = HOMES_FOLDER / home
        # What an earlier version left is not what a person sees who begins today.
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir(parents=True)
        options = parse_arguments(["--port", str(PORT), "--home", home])
        async with Development(options, state).running() as running:
            client = running.hass.client
            await furnish(client)
            if any(picture.hour == HELD for picture in pictures):
                await until_held(client)
            for picture in pictures:
                if picture.home == home:
                    await take(client, picture, folder)


async def take_first_minute(folder: Path) -> None:
    """Take what a person sees 0, 10 and 60 s after the first device was added."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        options = parse_arguments(["--port", str(PORT), "--home", "meter", "--once"])
        async with Development(options, Path(state)).running() as running:
            begin = time.monotonic()
            await add_board(running.hass.client)
            for seconds in FIRST_MINUTE:
                await asyncio.sleep(max(0.0, begin + seconds - time.monotonic()))
                picture = Picture(f"first-minute-{seconds}", "meter", NOW, (1000, 560), after=0)
                await take(running.hass.client, picture, folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Be scripts/screenshot --all."""
    parser = argparse.ArgumentParser(prog="scripts/screenshot --all", description=__doc__)
    parser.add_argument("names", nargs="*", help="of pictures; all if none is named")
    parser.add_argument("--hour", type=int, default=MORNING, help="only those of this hour")
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to write them")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    wanted = [
        one
        for one in PICTURES
        if one.hour == options.hour and (not options.names or one.file in options.names)
    ]
    asyncio.run(take_all(wanted, options.folder))
    if not options.names and options.hour == MORNING:
        asyncio.run(take_first_minute(options.folder))


if __name__ == "__main__":
    try:
        main()
    except (BrowserError, HomeAssistantError) as failure:
        sys.exit(str(failure))
