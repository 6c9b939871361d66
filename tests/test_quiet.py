"""What the recorder has to write: rows an hour, measured by entity, and lines in Activity.

The smart meter sends every second and the SENEC is read every ten, at the defaults of both; every
number that either of them has is another one each time. Time is driven.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from copy import replace
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.logbook.helpers import is_sensor_continuous
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.senec.local.coordinator import SenecLocalCoordinator
from simulators.smartlog import SmartLog
from tests.evn.conftest import MeterOnTopic, make_entry
from tests.senec.local.conftest import Site, site
from tests.smartlog.build import GATEWAY
from tests.smartlog.conftest import MQTT_DATA, publish, set_up
from tests.smartlog.conftest import make_entry as make_smartlog

__all__ = ["make_entry", "site"]

MINUTES: Final = 6
MOST_ROWS: Final = 3_900
"""An hour, of both together; docs/database.md says 3,850."""
OLDEST_POWER: Final = 12
CALM: Final = 60
STATES: Final = frozenset({"current_state_code"})
"""Numbers that measure nothing."""
BEGIN: Final = 1_782_000_000
POWERS: Final = {
    "power", "grid_power", "bat_power", "house_power", "inverter_power", "wallbox_charge_power",
}  # fmt: skip


@dataclass
class Recorder:
    """Counts the rows that the recorder would write: one per state that is another than before."""

    rows: Counter[str] = field(default_factory=Counter)
    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @callback
    def hear(self, event: Event[Any]) -> None:
        entity_id = event.data["entity_id"]
        self.rows[entity_id] += 1
        self.times[entity_id].append(dt_util.utcnow().timestamp())

    def longest(self, entity_id: str) -> float:
        """Return the longest time (s) between two rows."""
        times = self.times[entity_id]
        return max(after - before for before, after in pairwise(times))


def moved(values: Mapping[str, Value], second: int) -> dict[str, Value]:
    """Return readings of which every measurement is another one each time; counters rise."""
    swing = 1 + 0.3 * math.sin(second)
    return {
        key: value
        if not isinstance(value, int | float) or isinstance(value, bool) or key in STATES
        else value + (second - BEGIN) / 100
        if "energy" in key
        else round(value * swing + 1 + 3 * (second % 7), 3)
        for key, value in values.items()
    }


@pytest.fixture
def restless(freezer: FrozenDateTimeFactory) -> Iterator[None]:
    """Have a SENEC whose every number moves from one poll to the next."""
    poll = SenecLocalCoordinator.async_poll

    async def restless_poll(self: SenecLocalCoordinator) -> Mapping[str, Value]:
        return moved(await poll(self), int(dt_util.utcnow().timestamp()))

    with patch.object(SenecLocalCoordinator, "async_poll", restless_poll):
        yield


async def test_a_meter_and_a_senec_write_little_even_when_everything_moves(
    hass: HomeAssistant,
    site: Site,
    mqtt_mock: MqttMockHAClient,
    make_entry: Callable[..., MockConfigEntry],
    restless: None,
) -> None:
    meter = MeterOnTopic(hass)
    entry = make_entry()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await site.settle()
    await site.add(site.device())
    seen = Recorder()

    async def live(seconds: int) -> None:
        for _ in range(seconds):
            second = int(dt_util.utcnow().timestamp())
            meter.state = replace(
                meter.state,
                energy_import=meter.state.energy_import + 1,
                energy_export=meter.state.energy_export + 1,
                # No period of any interval: every look finds another one.
                power_import=500 + second * 37 % 997,
                power_export=1 + second * 41 % 103,
                voltages=tuple(2300 + (second * 3 + phase) % 41 for phase in range(3)),
                currents=tuple(100 + (second * 7 + phase) % 91 for phase in range(3)),
                power_factor=900 + second % 89,
            )
            meter.publish()
            await site.wait(1)

    await live(120)
    stop = hass.bus.async_listen(EVENT_STATE_CHANGED, seen.hear)
    await live(MINUTES * 60)
    stop()
    keys = {
        one.entity_id: one.unique_id.removeprefix(f"{entry.unique_id}_")
        for entry in hass.config_entries.async_entries(DOMAIN)
        for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }
    an_hour = {
        entity_id: count * 60 / MINUTES
        for entity_id, count in seen.rows.most_common()
        if entity_id in keys
    }
    for entity_id, rows in an_hour.items():
        print(f"{rows:6.0f} {entity_id}")  # noqa: T201  the figures of docs/database.md
    print(f"{sum(an_hour.values()):6.0f} together")  # noqa: T201
    assert sum(an_hour.values()) <= MOST_ROWS
    watched = {one for one in an_hour if keys[one] in POWERS}
    assert len(watched) == len(POWERS)
    assert max(map(seen.longest, watched)) <= OLDEST_POWER
    counted = {
        one
        for one in an_hour
        if (state := hass.states.get(one)) and state.attributes.get("unit_of_measurement") == "kWh"
    }
    assert len(counted) == 9
    assert max(map(seen.longest, counted)) <= CALM + 10  # the next poll after it
    # Of a value with a sign no halves: its own is enough.
    assert not {"grid_power_plus", "grid_power_minus", "bat_power_plus", "bat_power_minus"} & {
        keys[one] for one in an_hour
    }


class Building:
    """Forty meters whose SmartLog reports every quarter of an hour."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        self.hass = hass
        self._freezer = freezer
        self.tree: dict[str, Any] = SmartLog(GATEWAY).report(self.now)
        self.seen = Recorder()
        hass.bus.async_listen(EVENT_STATE_CHANGED, self.seen.hear)

    @property
    def now(self) -> int:
        return int(dt_util.utcnow().timestamp())

    @property
    def lines(self) -> list[str]:
        """The entities of ours that have written a line in Activity."""
        registry = er.async_get(self.hass)
        return [
            one
            for one in self.seen.rows
            if not is_sensor_continuous(self.hass, registry, one)
            and (entity := registry.async_get(one))
            and entity.platform == DOMAIN
        ]

    async def report(self, changed: Callable[[Any], None] | None = None) -> None:
        """Let 15 minutes pass and report: every meter read anew, with the same values."""
        for _ in range(15):
            self._freezer.tick(60)
            async_fire_time_changed(self.hass)
            await self.hass.async_block_till_done()
        self.seen.rows.clear()
        self.tree["muc"]["TIMESTAMP"] = str(self.now)
        for meter in self.tree["muc"]["meter"]:
            for point in meter["data"]:
                point["entry"][0]["T_MUC"] = str(self.now - 5)
            if changed:
                changed(meter)
        await publish(self.hass, self.tree)
        await self.wait(0)

    async def wait(self, seconds: int) -> None:
        self._freezer.tick(seconds)
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done()


@pytest.fixture
async def building(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> Building:
    freezer.move_to("2026-11-26 12:00:00+00:00")
    await set_up(hass, make_smartlog(hass, MQTT_DATA))
    made = Building(hass, freezer)
    for _ in range(3):  # the first reports make entities, and show what is a fault
        await made.report()
    assert len(hass.states.async_all()) > 100
    return made


async def test_a_report_without_news_is_no_news(building: Building) -> None:
    for _ in range(4):
        await building.report()
        assert sum(building.seen.rows.values()) <= 10, building.seen.rows
        assert building.lines == []


async def test_one_register_that_moves_is_shown_and_nothing_else(building: Building) -> None:
    moved_ones: list[str] = []

    def move_one(meter: Any) -> None:
        if not moved_ones and meter["MEDIUM"] == "Cold water":
            entry = meter["data"][0]["entry"][0]
            entry["VAL"] = str(int(entry["VAL"]) + 1)
            moved_ones.append(meter["METER_ID"])

    await building.report(move_one)
    await building.wait(14)
    assert moved_ones
    assert 1 <= sum(building.seen.rows.values()) <= 12, building.seen.rows
    assert building.lines == []


async def test_an_uptime_is_written_every_five_minutes(
    hass: HomeAssistant, building: Building
) -> None:
    (system,) = (one for one in building.tree["muc"]["meter"] if one["MEDIUM"] == "System")
    (uptime,) = (one for one in system["data"] if one["DESCRIPTION"] == "Uptime")
    for minute in range(61):
        if minute == 1:  # the first one is shown at once
            building.seen.rows.clear()
        reading = uptime["entry"][0]
        reading |= {"T_MUC": str(building.now), "VAL": str(int(reading["VAL"]) + 60)}
        building.tree["muc"]["TIMESTAMP"] = str(building.now)
        await publish(hass, building.tree)
        await building.wait(60)
    # When the last report came is another one with each.
    rows = sum(rows for one, rows in building.seen.rows.items() if "last_message" not in one)
    assert 1 <= rows <= 12, building.seen.rows
    assert building.lines == []


async def test_a_report_every_minute_without_news_is_no_news(
    hass: HomeAssistant, building: Building
) -> None:
    building.seen.rows.clear()
    for _ in range(60):
        for meter in building.tree["muc"]["meter"]:
            for point in meter["data"]:
                point["entry"][0]["T_MUC"] = str(building.now - 1)
        building.tree["muc"]["TIMESTAMP"] = str(building.now)
        await publish(hass, building.tree)
        await building.wait(60)
    # When the last report came is another one with each.
    rows = sum(rows for one, rows in building.seen.rows.items() if "last_message" not in one)
    assert rows <= 10, building.seen.rows
    assert building.lines == []


async def test_a_home_at_rest_writes_nothing(
    hass: HomeAssistant,
    site: Site,
    mqtt_mock: MqttMockHAClient,
    make_entry: Callable[..., MockConfigEntry],
) -> None:
    meter = MeterOnTopic(hass)
    assert await hass.config_entries.async_setup(make_entry().entry_id)
    await site.settle()
    seen = Recorder()
    for second in range(360):
        if second == 60:
            hass.bus.async_listen(EVENT_STATE_CHANGED, seen.hear)
        meter.publish()
        await site.wait(1)
    assert sum(seen.rows.values()) == 0, seen.rows


async def test_a_longer_interval_writes_less(
    hass: HomeAssistant,
    site: Site,
    mqtt_mock: MqttMockHAClient,
    make_entry: Callable[..., MockConfigEntry],
) -> None:
    meter = MeterOnTopic(hass)
    assert await hass.config_entries.async_setup(make_entry(update_interval=60).entry_id)
    await site.settle()
    seen = Recorder()
    for second in range(420):
        if second == 60:
            hass.bus.async_listen(EVENT_STATE_CHANGED, seen.hear)
        meter.state = replace(
            meter.state,
            energy_import=meter.state.energy_import + 1,
            power_import=500 + second * 37 % 997,
        )
        meter.publish()
        await site.wait(1)
    # Energy, grid power and import power, once a minute.
    assert 3 * 5 <= sum(seen.rows.values()) <= 3 * 7, seen.rows
