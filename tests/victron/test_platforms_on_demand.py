"""Platforms that few GX need: set up with the first entity of theirs, and no trouble afterwards."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_platform
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom import light
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.kinds import Later
from custom_components.hausstrom.victron import descriptions
from custom_components.hausstrom.victron.descriptions import ON_DEMAND
from tests.victron.case_driver import Json, Player
from tests.victron.case_variants import case

ROOT = Path(__file__).resolve().parents[2]
LAMP = "switch/60/SwitchableOutput/lamp"
SECOND = "switch/60/SwitchableOutput/second"
KEY = "switch_60_switchableoutput_lamp_lightcontrols"
SECOND_KEY = "switch_60_switchableoutput_second_lightcontrols"
SETPOINT = "settings/0/Settings/CGwacs/AcPowerSetPoint"
START: dict[str, Json] = {"system/0/SystemType": "ESS", "battery/512/Soc": 61, SETPOINT: 50}
CONTROLS = {"controls": True}


def lamp(path: str) -> dict[str, dict[str, Json]]:
    """Return the topics of a lamp, lit."""
    values: dict[str, Json] = {
        "switch/60/ProductName": "Energy Meter RS",
        "switch/60/Connected": 1,
        f"{path}/Settings/Type": 11,
        f"{path}/State": 1,
        f"{path}/LightControls": [120.0, 80.0, 60.0, 0.0, 0.0],
    }
    return {path: {"value": value} for path, value in values.items()}


class Home(Player):
    """A GX, and what of the platforms was asked of Home Assistant."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.forwarded: list[list[str]] = []
        self.broken = False
        """Whether setting up lamps fails."""
        forward = self.hass.config_entries.async_forward_entry_setups

        async def spy(entry: MockConfigEntry, platforms: Iterable[str]) -> None:
            if entry.domain == DOMAIN and self.broken and Platform.LIGHT in platforms:
                raise ImportError("half of an update")
            await forward(entry, platforms)
            if entry.domain == DOMAIN:
                self.forwarded.append([*platforms])

        patched = patch.object(self.hass.config_entries, "async_forward_entry_setups", spy)
        patched.start()

    @property
    def the_entry(self) -> MockConfigEntry:
        assert self.entry is not None
        return self.entry

    def forwards_of(self, platform: Platform) -> int:
        return sum(platforms.count(platform) for platforms in self.forwarded)

    @property
    def platforms(self) -> set[str]:
        """What Home Assistant has of the entry."""
        return {
            one.domain
            for one in entity_platform.async_get_platforms(self.hass, DOMAIN)
            if one.config_entry is self.entry
        }

    def light(self, key: str = KEY) -> str | None:
        """Return the state of a lamp."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "light", DOMAIN, f"victron_{self.portal}_{key}"
        )
        state = self.hass.states.get(entity_id) if entity_id else None
        return None if state is None else state.state

    async def turns(self) -> None:
        """Let happen what needs no time, though something is being waited for."""
        for _ in range(60):
            self._answer()
            await asyncio.sleep(0)

    async def restart_after_unload(self) -> None:
        """Set the entry up again."""
        await self._start()
        await self.hass.async_block_till_done()
        await self.pass_time(6)

    def offer_lamp(self) -> None:
        """Have the lamp offered now: what follows its first value some seconds later."""
        self._freezer.tick(5)
        self.the_entry.runtime_data._tick(dt_util.utcnow())


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as wrong; that a driven clock leaps is asyncio's complaint."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelname in ("ERROR", "WARNING") and record.name != "asyncio"
    ]


async def until(happened: Callable[[], bool]) -> None:
    """Let happen what needs no time, until something has; the executor may take part in it."""
    for _ in range(2000):
        if happened():
            return
        await asyncio.sleep(0)
    pytest.fail("it never happened")


@pytest.fixture
async def home(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> Home:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    return Home(hass, mqtt_mock, freezer, case(START, expect=[]))


LOADED = """
import sys
import homeassistant.config_entries, homeassistant.components.mqtt  # a Home Assistant that runs
from custom_components.hausstrom import config_flow
from custom_components.hausstrom.kinds import _load
from importlib import import_module
kind = _load("victron")
kind.set_up.load()
for platform in set(kind.platforms) - kind.on_demand:
    import_module(f"custom_components.hausstrom.{platform}")
print("\\n".join(sys.modules))
"""


def test_nothing_of_them_is_loaded_with_a_gx() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    prefix = f"custom_components.{DOMAIN}."
    assert f"{prefix}sensor" in loaded
    assert {"light", "number", "select", "switch", "device_tracker", "time"} <= ON_DEMAND
    assert not {f"{prefix}{platform}" for platform in ON_DEMAND}.intersection(loaded)


async def test_a_gx_whose_settings_are_not_changed_needs_two(home: Home) -> None:
    await home.set_up({})
    assert home.state("battery_512_soc").state == "61"
    assert home.platforms == {"sensor", "binary_sensor"}
    assert await home.hass.config_entries.async_unload(home.the_entry.entry_id)
    assert home.state("battery_512_soc").state == STATE_UNAVAILABLE


async def test_a_lamp_an_hour_later(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    await home.set_up(CONTROLS)
    assert "number" in home.platforms
    assert "light" not in home.platforms
    await home.pass_time(3600, step=60)
    await home.pass_time(4)
    home.appear(lamp(LAMP) | lamp(SECOND))
    await home.pass_time(6)
    assert home.light() == home.light(SECOND_KEY) == "on"
    assert home.forwards_of(Platform.LIGHT) == 1
    assert home.forwards_of(Platform.NUMBER) == 1
    light = home.state(KEY)
    off = {"entity_id": light.entity_id}
    task = home.hass.async_create_background_task(
        home.hass.services.async_call("light", "turn_off", off, blocking=True), "call"
    )
    await home.pass_time(2)
    await task
    assert home.light() == "off"
    assert not complaints(caplog)


async def test_a_lamp_that_is_renamed_while_its_platform_is_loaded(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = asyncio.Event()
    prepare = descriptions.Gx.async_prepare

    async def slowly(gx: descriptions.Gx, hass: HomeAssistant, platform: Platform) -> bool:
        if platform is Platform.LIGHT:
            await loaded.wait()
        return await prepare(gx, hass, platform)

    monkeypatch.setattr(descriptions.Gx, "async_prepare", slowly)
    await home.set_up(CONTROLS)
    name = f"{LAMP}/Settings/CustomName"
    home.appear(lamp(LAMP) | {name: {"value": "Output 1"}})
    await home.pass_time(1.5)
    home.offer_lamp()
    await home.turns()
    home.set({name: "Deck"})
    home.offer_lamp()
    await home.turns()
    assert home.light() is None
    loaded.set()
    await home.pass_time(3)
    assert "Deck" in home.state(KEY).attributes["friendly_name"]


async def test_a_restart_with_a_lamp(home: Home) -> None:
    await home.set_up(CONTROLS)
    home.appear(lamp(LAMP))
    await home.pass_time(6)
    before = home.ids()
    home.forwarded.clear()
    await home.restart()
    assert home.light() == "on"
    assert home.ids() == before
    assert Platform.LIGHT in home.forwarded[0], "with the entry, and not after the first offer"
    assert home.forwards_of(Platform.LIGHT) == 1
    assert home.platforms == {"sensor", "binary_sensor", "light", "number", "switch"}


async def test_a_restart_while_the_lamp_is_away(home: Home) -> None:
    await home.set_up(CONTROLS)
    home.appear(lamp(LAMP))
    await home.pass_time(6)
    home.leave("switch/60")
    await home.restart()
    assert home.light() == STATE_UNAVAILABLE
    assert "light" in home.platforms, "it can be called, and says what stands in the way"
    home.appear(lamp(LAMP))
    await home.pass_time(6)
    assert home.light() == "on"
    assert home.forwards_of(Platform.LIGHT) == 2  # once in each life


async def test_what_is_set_no_longer_is_not_loaded_any_more(home: Home) -> None:
    await home.set_up(CONTROLS)
    key = "settings_0_settings_cgwacs_acpowersetpoint"
    assert [one.domain for one in home.entities(key)] == ["number"]
    home.hass.config_entries.async_update_entry(home.the_entry, options={})
    await home.restart()
    assert [one.domain for one in home.entities(key)] == ["sensor"]
    home.forwarded.clear()
    await home.restart()
    assert home.forwards_of(Platform.NUMBER) == 0
    assert home.platforms == {"sensor", "binary_sensor"}
    home.hass.config_entries.async_update_entry(home.the_entry, options=CONTROLS)
    await home.restart()
    assert [one.domain for one in home.entities(key)] == ["number"]


async def test_an_unload_waits_for_lamps_that_are_being_set_up(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    set_up = light.async_setup_entry

    async def slowly(*args: Any) -> None:
        begun.set()
        await go_on.wait()
        await set_up(*args)

    await home.set_up(CONTROLS)
    monkeypatch.setattr(light, "async_setup_entry", slowly)
    home.appear(lamp(LAMP))
    await home.pass_time(1.5)
    home.offer_lamp()
    await until(begun.is_set)
    unload = asyncio.create_task(home.hass.config_entries.async_unload(home.the_entry.entry_id))
    await home.turns()
    assert not unload.done()
    go_on.set()
    assert await unload
    assert home.the_entry.state is ConfigEntryState.NOT_LOADED
    assert home.platforms == set()
    await home.restart_after_unload()
    assert home.light() == "on"
    assert not complaints(caplog)


async def test_lamps_that_come_while_it_is_unloaded(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    await home.set_up(CONTROLS)
    home.appear(lamp(LAMP))
    await home.pass_time(1.5)
    await home.the_entry.setup_lock.acquire()
    unload = asyncio.create_task(home.hass.config_entries.async_unload(home.the_entry.entry_id))
    await home.turns()
    home.offer_lamp()
    platforms = home.the_entry.runtime_data.platforms
    await until(lambda: bool(platforms._coming))
    home.the_entry.setup_lock.release()
    await until(unload.done)  # it does not wait for what waits for it
    assert unload.result()
    assert home.forwards_of(Platform.LIGHT) == 0
    assert home.platforms == set()
    # What the old coordinator still hears changes nothing.
    platforms.want(Platform.TIME)
    assert not platforms._coming
    await home.restart_after_unload()
    assert home.light() == "on"
    assert home.forwards_of(Platform.LIGHT) == 1
    assert home.forwards_of(Platform.TIME) == 0
    assert not complaints(caplog)


async def test_a_reload_at_once_after_the_lamp_appeared(home: Home) -> None:
    await home.set_up(CONTROLS)
    home.appear(lamp(LAMP))
    await home.pass_time(1.5)
    home.offer_lamp()
    await home.restart()
    assert home.light() == "on"
    await home.restart()
    assert home.light() == "on"


async def test_a_platform_that_cannot_be_set_up(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    await home.set_up(CONTROLS)
    home.broken = True
    home.appear(lamp(LAMP))
    await home.pass_time(6)
    home.appear(lamp(SECOND))
    await home.pass_time(6)
    assert home.light() is None
    assert caplog.text.count("Unexpected error setting up light") == 1
    assert home.state("battery_512_soc").state == "61"
    home.broken = False
    await home.restart()
    assert home.light() == home.light(SECOND_KEY) == "on"


async def test_what_shows_a_lamp_cannot_be_loaded(
    home: Home, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = descriptions.__package__ or ""
    monkeypatch.delitem(descriptions._DESCRIBERS, Platform.LIGHT, raising=False)
    with monkeypatch.context() as broken:
        broken.setitem(descriptions.LATER, Platform.LIGHT, Later(package, "lanterns", "light"))
        await home.set_up(CONTROLS)
        home.appear(lamp(LAMP) | lamp(SECOND))
        await home.pass_time(6)
        assert home.light() is None
        assert caplog.text.count("Unexpected error loading what shows a light") == 1
        home.appear({"switch/60/SwitchableOutput/bell/State": {"value": 0}})
        await home.pass_time(6)
        assert home.state("battery_512_soc").state == "61"
    await home.restart()
    assert home.light() == home.light(SECOND_KEY) == "on"
