"""The blueprints load as Home Assistant loads them, and do what they promise."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.automation.const import DOMAIN as AUTOMATION
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util import yaml as yaml_util
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.hausstrom.const import DOMAIN
from tests.repository.files import ROOT, read_yaml
from tests.senec.cloud.test_cases import case

FOLDER: Final = ROOT / "blueprints" / "automation" / "hausstrom"
FILES: Final = sorted(FOLDER.glob("*.yaml"))
REPOSITORY: Final = "https://github.com/hausstrom/hausstrom/blob/main/"
MORNING: Final = datetime.fromisoformat("2026-06-10 04:59:30-07:00")

TURNS: Final = 100

type Begin = Callable[..., Awaitable[None]]
type Wait = Callable[[int], Awaitable[None]]

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@pytest.fixture
def calls(hass: HomeAssistant) -> dict[str, list[ServiceCall]]:
    """The actions that an automation calls, noted instead of done."""
    return {
        name: async_mock_service(hass, *name.split("."))
        for name in (
            "hausstrom.set_peak_shaving",
            "number.set_value",
            "persistent_notification.create",
            "persistent_notification.dismiss",
            "switch.turn_on",
            "switch.turn_off",
        )
    }


@pytest.fixture
async def begin(
    hass: HomeAssistant, tmp_path: Path, freezer: FrozenDateTimeFactory
) -> AsyncIterator[Begin]:
    """Make an automation of a blueprint, as a person does who fills in its form."""
    shutil.copytree(FOLDER, tmp_path / "blueprints" / "automation" / "hausstrom")
    hass.config.config_dir = str(tmp_path)
    freezer.move_to(MORNING)

    async def begin(name: str, **inputs: object) -> None:
        path = f"hausstrom/{name}.yaml"
        config = {AUTOMATION: {"use_blueprint": {"path": path, "input": inputs}}}
        assert await async_setup_component(hass, AUTOMATION, config)
        await hass.async_block_till_done()
        assert [state.state for state in hass.states.async_all(AUTOMATION)] == ["on"]

    yield begin
    if hass.services.has_service(AUTOMATION, "turn_off"):  # not if the test was skipped
        await hass.services.async_call(AUTOMATION, "turn_off", {"entity_id": "all"}, blocking=True)


@pytest.fixture
def wait(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Wait:
    """Let minutes pass."""

    async def wait(minutes: int) -> None:
        for _ in range(minutes):
            freezer.tick(60)
            async_fire_time_changed(hass, dt_util.utcnow())
            # Not async_block_till_done: it would wait for an automation that waits for the clock.
            for _ in range(TURNS):
                await asyncio.sleep(0)

    return wait


@every_file
def test_blueprint_is_valid(file: Path) -> None:
    data = yaml_util.load_yaml_dict(file)
    blueprint = Blueprint(
        data, path=file.name, expected_domain=AUTOMATION, schema=AUTOMATION_BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    assert blueprint.metadata["source_url"] == REPOSITORY + str(file.relative_to(ROOT))


@every_file
def test_only_our_own_actions_are_called(file: Path) -> None:
    actions = set(read_yaml(ROOT / "custom_components" / "hausstrom" / "services.yaml"))
    for line in file.read_text().splitlines():
        _, found, name = line.partition("action: hausstrom.")
        assert not found or name in actions


def test_there_is_a_guide_for_each() -> None:
    guide = (ROOT / "docs" / "examples.md").read_text()
    for file in FILES:
        assert str(file.relative_to(ROOT)) in guide


class TestPeakShaving:
    """peak_shaving_by_forecast: once a day; a day without a forecast is another day."""

    @pytest.mark.parametrize(
        ("state", "unit", "expected"),
        [
            ("31.5", "kWh", {"mode": "manual", "capacity_limit": 60, "end_time": "12:30:00"}),
            ("31500", "Wh", {"mode": "manual", "capacity_limit": 60, "end_time": "12:30:00"}),
            ("25", "kWh", {"mode": "manual", "capacity_limit": 60, "end_time": "12:30:00"}),
            ("24.9", "kWh", {"mode": "deactivated"}),
            ("0", "kWh", {"mode": "deactivated"}),
            ("unavailable", "kWh", {"mode": "deactivated"}),
            ("unknown", None, {"mode": "deactivated"}),
        ],
    )
    async def test_forecast_decides(
        self,
        hass: HomeAssistant,
        calls: dict[str, list[ServiceCall]],
        begin: Begin,
        wait: Wait,
        state: str,
        unit: str | None,
        expected: dict[str, object] | None,
    ) -> None:
        hass.states.async_set("sensor.forecast", state, {"unit_of_measurement": unit})
        await begin(
            "peak_shaving_by_forecast",
            system="an entry",
            forecast="sensor.forecast",
            capacity_limit=60,
            end_time="12:30:00",
        )
        await wait(3)
        done = [dict(call.data) for call in calls["hausstrom.set_peak_shaving"]]
        assert done == ([] if expected is None else [{"config_entry_id": "an entry", **expected}])

    async def test_what_fails_is_tried_again_within_an_hour(
        self, hass: HomeAssistant, begin: Begin, wait: Wait
    ) -> None:
        tries: list[dict[str, object]] = []

        async def fails_once(call: ServiceCall) -> None:
            tries.append(dict(call.data))
            if len(tries) == 1:
                raise HomeAssistantError("mein-senec.de does not answer")

        hass.services.async_register(DOMAIN, "set_peak_shaving", fails_once)
        hass.states.async_set("sensor.forecast", "31.5", {"unit_of_measurement": "kWh"})
        await begin("peak_shaving_by_forecast", system="an entry", forecast="sensor.forecast")
        await wait(3)
        assert len(tries) == 1
        await wait(60)
        assert [found["mode"] for found in tries] == ["manual", "manual"]
        await wait(120)
        assert len(tries) == 2

    @pytest.mark.parametrize("of_the_case", [True, False])
    async def test_days_of_which_the_forecast_is_gone(
        self,
        hass: HomeAssistant,
        begin: Begin,
        wait: Wait,
        freezer: FrozenDateTimeFactory,
        of_the_case: bool,
    ) -> None:
        """MANUAL holds a time of day: what was chosen for one day must not stay on the next."""
        own = (
            ("31.5 kWh", "manual", ""),
            ("unavailable", "what is chosen for other days", ""),
            ("29000 Wh", "manual", ""),
            ("unknown", "what is chosen for other days", ""),
            ("0.031 MWh", "tried again, at the latest after an hour", "raises"),
            ("soon", "what is chosen for other days", ""),
            ("unavailable", "tried again, at the latest after an hour", "raises"),
        )
        steps = (
            [
                (str(step["forecast"]), str(step["expect"]), str(step.get("action", "")))
                for step in case("blueprint_forecast_gone")["steps"]
            ]
            if of_the_case
            else list(own)
        )
        tries: list[object] = []
        fails = False

        async def act(call: ServiceCall) -> None:
            nonlocal fails
            tries.append(call.data["mode"])
            if fails:
                fails = False
                raise HomeAssistantError("mein-senec.de does not answer")

        hass.services.async_register(DOMAIN, "set_peak_shaving", act)
        hass.states.async_set("sensor.forecast", "unavailable")
        await begin(
            "peak_shaving_by_forecast",
            system="an entry",
            forecast="sensor.forecast",
            otherwise="auto",
        )
        for day, (forecast, expected, action) in enumerate(steps):
            freezer.move_to(MORNING + timedelta(days=day))
            async_fire_time_changed(hass, dt_util.utcnow())
            state, _, unit = forecast.partition(" ")
            hass.states.async_set("sensor.forecast", state, {"unit_of_measurement": unit or None})
            tries.clear()
            fails = action == "raises"
            await wait(3)
            is_number = state.replace(".", "").isdigit()
            wanted = "manual" if is_number else "auto"
            assert tries == [wanted], (day, forecast)
            await wait(60)
            if action == "raises":
                assert "again" in expected
                assert tries == [wanted, wanted], (day, forecast)
            else:
                assert tries == [wanted], (day, forecast)
                assert expected == ("manual" if is_number else "what is chosen for other days")


class TestSilentDevice:
    """silent_device: one message per silence, also for those that were silent from the start."""

    METER: Final = "sensor.smart_meter_grid_power"

    async def test_silence_is_told_once_and_taken_back(
        self, hass: HomeAssistant, calls: dict[str, list[ServiceCall]], begin: Begin, wait: Wait
    ) -> None:
        hass.states.async_set(self.METER, "300")
        await begin("silent_device", entities=[self.METER], minutes=10)
        hass.states.async_set(self.METER, "unavailable")
        await wait(9)
        assert calls["persistent_notification.create"] == []
        await wait(20)
        [told] = calls["persistent_notification.create"]
        assert told.data["title"] == f"No data from {self.METER}"
        assert (
            told.data["message"]
            == "Nothing received for 10 minutes. Check the device and its connection."
        )
        hass.states.async_set(self.METER, "310")
        await hass.async_block_till_done()
        [back] = calls["persistent_notification.dismiss"]
        assert back.data["notification_id"] == told.data["notification_id"]

    async def test_short_silence_is_not_told(
        self, hass: HomeAssistant, calls: dict[str, list[ServiceCall]], begin: Begin, wait: Wait
    ) -> None:
        hass.states.async_set(self.METER, "300")
        await begin("silent_device", entities=[self.METER], minutes=10)
        hass.states.async_set(self.METER, "unavailable")
        await wait(5)
        hass.states.async_set(self.METER, "310")
        await wait(20)
        assert calls["persistent_notification.create"] == []
        assert calls["persistent_notification.dismiss"] == []

    async def test_silence_since_the_start_is_told(
        self, hass: HomeAssistant, calls: dict[str, list[ServiceCall]], begin: Begin, wait: Wait
    ) -> None:
        hass.set_state(type(hass.state).not_running)
        hass.states.async_set(self.METER, "unavailable")
        hass.states.async_set("sensor.senec_grid_power", "12")
        await begin("silent_device", entities=[self.METER, "sensor.senec_grid_power"], minutes=10)
        await hass.async_start()
        await wait(30)
        [told] = calls["persistent_notification.create"]
        assert told.data["title"] == f"No data from {self.METER}"


class TestSurplusCharging:
    """surplus_charging: what would be exported goes into the car."""

    INPUTS: Final = {
        "grid_power": "sensor.grid",
        "wallbox_power": "sensor.wallbox",
        "charging_current": "number.wallbox",
        "start_charging": [{"action": "switch.turn_on"}],
        "stop_charging": [{"action": "switch.turn_off"}],
        "phases": "3",
    }

    def house(self, hass: HomeAssistant, grid: str, wallbox: str, current: str = "6") -> None:
        hass.states.async_set("sensor.grid", grid)
        hass.states.async_set("sensor.wallbox", wallbox)
        hass.states.async_set("number.wallbox", current)

    async def test_start_adjust_and_stop(
        self, hass: HomeAssistant, calls: dict[str, list[ServiceCall]], begin: Begin, wait: Wait
    ) -> None:
        self.house(hass, "500", "0")
        await begin("surplus_charging", **self.INPUTS)
        self.house(hass, "-6000", "0")
        await wait(4)
        assert calls["switch.turn_on"] == []
        await wait(2)
        assert len(calls["switch.turn_on"]) == 1
        assert [call.data["value"] for call in calls["number.set_value"]] == [8]  # 5520 of 6000 W

        self.house(hass, "-2500", "5520", "8")
        await wait(1)
        assert calls["number.set_value"][-1].data["value"] == 11  # 7590 of 8020 W

        self.house(hass, "3000", "4140", "6")
        await wait(4)
        assert calls["switch.turn_off"] == []
        await wait(2)
        assert len(calls["switch.turn_off"]) == 1

    async def test_never_more_than_the_largest_current(
        self, hass: HomeAssistant, calls: dict[str, list[ServiceCall]], begin: Begin, wait: Wait
    ) -> None:
        self.house(hass, "-9000", "11000", "15")
        await begin("surplus_charging", **self.INPUTS)
        await wait(1)
        assert calls["number.set_value"][-1].data["value"] == 16

    async def test_silent_meter_stops_the_car(
        self, hass: HomeAssistant, calls: dict[str, list[ServiceCall]], begin: Begin, wait: Wait
    ) -> None:
        self.house(hass, "-3000", "4140", "6")
        await begin("surplus_charging", **self.INPUTS)
        self.house(hass, "unavailable", "4140", "6")
        await wait(6)
        assert len(calls["switch.turn_off"]) == 1

    async def test_nothing_is_set_while_the_car_does_not_charge(
        self, hass: HomeAssistant, calls: dict[str, list[ServiceCall]], begin: Begin, wait: Wait
    ) -> None:
        self.house(hass, "-3000", "0", "16")
        await begin("surplus_charging", **self.INPUTS)
        await wait(10)
        assert calls["number.set_value"] == []


def test_domain_is_the_folder() -> None:
    assert FOLDER.name == DOMAIN
