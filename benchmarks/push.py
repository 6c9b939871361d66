"""What a push to 1,500 entities costs of which 10 changed, beside ten state writes alone.

The floor is ten calls of async_write_ha_state on entities that have a new value. The peer
is Home Assistant's plain DataUpdateCoordinator, which writes every entity.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter
from typing import override
from unittest.mock import Mock

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.const import UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import EntityPlatform
from homeassistant.helpers.update_coordinator import CoordinatorEntity, DataUpdateCoordinator
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.hausstrom.const import DOMAIN, LOGGER
from custom_components.hausstrom.push_coordinator import PushCoordinator
from custom_components.hausstrom.sensor import HausstromSensor, HausstromSensorDescription

ENTITIES = 1500
CHANGED = 10
ROUNDS = 300


class Ours(PushCoordinator):
    """Our coordinator, for a device without a protocol."""

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        return DeviceInfo(identifiers={(DOMAIN, "bench")})


class Plain(CoordinatorEntity[DataUpdateCoordinator[dict[str, float]]], SensorEntity):
    """An entity of a plain coordinator."""

    _attr_native_unit_of_measurement = UnitOfPower.WATT
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_has_entity_name = True

    def __init__(self, coordinator: DataUpdateCoordinator[dict[str, float]], key: str) -> None:
        """Show one key."""
        super().__init__(coordinator)
        self._key = key
        self._attr_unique_id = f"plain_{key}"

    @property
    @override
    def native_value(self) -> float:
        return self.coordinator.data[self._key]


async def median_of(rounds: int, act: Callable[[int], None]) -> float:
    """Return the median time (s) of a call; the loop runs in between."""
    times = []
    for number in range(rounds):
        start = perf_counter()
        act(number)
        times.append(perf_counter() - start)
        await asyncio.sleep(0)
    return statistics.median(times)


async def measure(hass: HomeAssistant) -> None:
    """Measure the three and print them."""
    entry = MockConfigEntry(domain=DOMAIN, unique_id="bench")
    entry.add_to_hass(hass)
    keys = [f"value_{number}" for number in range(ENTITIES)]
    changing = keys[:: ENTITIES // CHANGED]

    ours = Ours(hass, entry, Mock(), silence=1e6)
    ours.data = dict.fromkeys(keys, 0)
    entities = [
        HausstromSensor(
            ours,
            HausstromSensorDescription(
                key=key,
                native_unit_of_measurement=UnitOfPower.WATT,
                state_class=SensorStateClass.MEASUREMENT,
            ),
        )
        for key in keys
    ]
    plain: DataUpdateCoordinator[dict[str, float]] = DataUpdateCoordinator(
        hass, LOGGER, config_entry=None, name="plain"
    )
    plain.data = dict.fromkeys(keys, 0.0)
    platform = EntityPlatform(
        hass=hass,
        logger=LOGGER,
        domain="sensor",
        platform_name=DOMAIN,
        platform=None,
        scan_interval=timedelta(seconds=30),
        entity_namespace=None,
    )
    platform.config_entry = entry
    await platform.async_add_entities(entities)
    await platform.async_add_entities([Plain(plain, key) for key in keys])
    by_key = {item.entity_description.key: item for item in entities}
    ours.async_push(dict.fromkeys(keys, 0))

    def floor(number: int) -> None:
        for key in changing:
            ours.data[key] = number + 1
            by_key[key].async_write_ha_state()

    # Prepared outside the measurement: each round has new values for the ten.
    named = [dict.fromkeys(changing, 100_000 + number) for number in range(ROUNDS)]
    whole = [
        {**dict.fromkeys(keys, 0), **dict.fromkeys(changing, 200_000 + number)}
        for number in range(ROUNDS)
    ]

    await median_of(20, floor)
    rows = [
        ("ten state writes (floor)", await median_of(ROUNDS, floor)),
        (
            "our push that names the 10",
            await median_of(ROUNDS, lambda n: ours.async_push(named[n])),
        ),
        (
            "our push that names all 1,500",
            await median_of(ROUNDS, lambda n: ours.async_push(whole[n])),
        ),
        (
            "plain coordinator",
            await median_of(20, lambda n: plain.async_set_updated_data(dict(whole[n]))),
        ),
    ]
    base = rows[0][1]
    for name, seconds in rows:
        sys.stdout.write(f"{name:32} {seconds * 1e6:10.0f} µs {seconds / base:8.2f} times\n")
    await ours.async_shutdown()


async def run() -> None:
    """Start a Home Assistant without anything in it, measure, and stop it."""
    with tempfile.TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            await measure(hass)
            await hass.async_stop(force=True)


def main() -> None:
    """Run the benchmark."""
    asyncio.run(run())


if __name__ == "__main__":
    main()
