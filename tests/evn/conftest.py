"""A meter whose telegrams the tests send."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_mqtt_message,
    async_fire_time_changed,
)

from custom_components.hausstrom.const import DOMAIN
from simulators import evn_telegram
from simulators.evn_meters import BY_NAME
from simulators.evn_telegram import SAGEMCOM, MeterModel, MeterState

TOPIC = "sensors/smartmeter"


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT integration leaves one in tests."""
    return True


def entity_id(hass: HomeAssistant, key: str, model: MeterModel = SAGEMCOM) -> str:
    """Return the entity of a value, whatever it is called."""
    unique_id = f"evn_{model.system_title.hex()}_{key}"
    found = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id)
    assert found is not None, f"there is no {key}"
    return found


class MeterOnTopic:
    """Sends telegrams as the reader at the meter does: in upper-case hex."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.model: MeterModel = SAGEMCOM
        self.counter = 1000
        self.state = MeterState(
            energy_import=12_345_678,
            energy_export=90_123,
            power_import=690,
            power_export=0,
            voltages=(2301, 2312, 2298),
            currents=(100, 100, 100),
            power_factor=998,
        )

    def telegram(self, *, when: datetime | None = None) -> bytes:
        self.counter += 1
        if when is None:
            when = dt_util.utcnow()
        return evn_telegram.telegram(self.model, self.state, when, self.counter)

    def publish(self, payload: bytes | None = None, *, retain: bool = False) -> None:
        content = self.telegram().hex().upper().encode() if payload is None else payload
        async_fire_mqtt_message(self.hass, TOPIC, content, retain=retain)


class MeterInFrozenTime(MeterOnTopic):
    """The same, where time passes only as the test says."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        super().__init__(hass)
        self._freezer = freezer
        self._flowed = 0.0

    async def send(self, payload: bytes | None = None) -> None:
        """Send one and let five seconds pass."""
        self.publish(payload)
        await self.hass.async_block_till_done()
        await self.wait(5)

    async def begin(self) -> None:
        """Send two that agree: the first is as doubtful as any."""
        await self.send()
        await self.send()

    async def wait(self, seconds: float) -> None:
        """Let time pass; the meter goes on counting, heard or not."""
        self.counter += max(0, int(seconds / 5) - 1)
        self._flowed += self.state.power_import * seconds / 3600
        whole = int(self._flowed)
        self._flowed -= whole
        self.state = replace(self.state, energy_import=self.state.energy_import + whole)
        self._freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done()


@pytest.fixture
def meter(hass: HomeAssistant) -> MeterOnTopic:
    return MeterOnTopic(hass)


@pytest.fixture
def frozen_meter(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> MeterInFrozenTime:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    return MeterInFrozenTime(hass, freezer)


@pytest.fixture
def make_entry(hass: HomeAssistant) -> Callable[..., MockConfigEntry]:
    def make(model: MeterModel = SAGEMCOM, **options: object) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="My meter",
            unique_id=f"evn_{model.system_title.hex()}",
            data={
                "kind": "evn",
                "source": "homeassistant",
                "topic": TOPIC,
                "key": model.key.hex(),
                "system_title": model.system_title.hex(),
                "meter_number": model.meter_number,
            },
            options=options,
        )
        entry.add_to_hass(hass)
        return entry

    return make


@pytest.fixture
def entry_on_port(hass: HomeAssistant) -> Callable[[str], MockConfigEntry]:
    """A meter that was set up on a serial port."""
    model = BY_NAME["wels"].model

    def make(port: str) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Wels",
            unique_id=f"evn_{model.system_title.hex()}",
            data={
                "kind": "evn",
                "source": "serial",
                "port": port,
                "line": "p1",
                "key": model.key.hex(),
                "system_title": model.system_title.hex(),
                "meter_number": None,
            },
        )
        entry.add_to_hass(hass)
        return entry

    return make
