"""How often a meter is heard, and what the log may say of it, through Home Assistant."""

import logging
from collections.abc import Callable
from copy import replace

import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from simulators.evn_telegram import KAIFA, SAGEMCOM

from .conftest import MeterInFrozenTime, entity_id

type EntryMaker = Callable[..., MockConfigEntry]


def power(hass: HomeAssistant) -> str:
    state = hass.states.get(entity_id(hass, "power"))
    assert state is not None
    return state.state


@pytest.mark.parametrize(
    ("interval", "silence"), [(1, 30), (5, 30), (60, 210), (300, 1050), (900, 3150)]
)
async def test_any_rhythm_is_learned_and_silence_follows_it(
    hass: HomeAssistant,
    frozen_meter: MeterInFrozenTime,
    mqtt_mock: MqttMockHAClient,
    make_entry: EntryMaker,
    interval: float,
    silence: float,
) -> None:
    meter = frozen_meter
    entry = make_entry(update_interval=0)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    seen: list[str] = []
    for number in range(12):
        meter.publish()
        await hass.async_block_till_done()
        if number > 3:
            seen.append(power(hass))
        if number < 11:
            await meter.wait(interval)
    assert STATE_UNAVAILABLE not in seen, "a meter of any rhythm does not flap"
    diagnostics = entry.runtime_data.diagnostics()
    assert diagnostics["interval_seconds"] == interval
    assert diagnostics["silence_seconds"] == silence
    # It may miss some, and is gone when it has missed too many.
    await meter.wait(silence - 1)
    assert power(hass) != STATE_UNAVAILABLE
    await meter.wait(2)
    assert power(hass) == STATE_UNAVAILABLE
    meter.publish()
    await hass.async_block_till_done()
    await meter.wait(interval)
    meter.publish()
    await hass.async_block_till_done()
    assert power(hass) != STATE_UNAVAILABLE


async def test_the_log_tells_no_more_of_a_meter_number_than_four_characters(
    hass: HomeAssistant,
    frozen_meter: MeterInFrozenTime,
    mqtt_mock: MqttMockHAClient,
    make_entry: EntryMaker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="custom_components.hausstrom")
    meter = frozen_meter
    entry = make_entry(update_interval=0, publish_topic="sensors/values")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await meter.begin()
    for payload in (b"zz", b"00" * 40, meter.telegram()[:-30].hex().encode(), b"{}"):
        await meter.send(payload)
    damaged = bytearray(meter.telegram())
    damaged[120] ^= 8
    for _ in range(3):
        await meter.send(bytes(damaged))
    meter.model = replace(SAGEMCOM, key=bytes(16))
    for _ in range(4):
        await meter.send()
    meter.model = KAIFA
    for _ in range(4):
        await meter.send()
    await meter.wait(600)
    assert await hass.config_entries.async_unload(entry.entry_id)
    said = "\n".join(
        record.getMessage() for record in caplog.records if "hausstrom" in record.name
    ).lower()
    assert "rejected" in said
    for model in (SAGEMCOM, KAIFA):
        number = model.meter_number
        for at in range(len(number) - 4):
            assert number[at : at + 5] not in said
        assert model.system_title.hex() not in said
        assert model.key.hex() not in said
    for item in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        assert SAGEMCOM.meter_number not in item.entity_id
    assert hass.config_entries.async_entries(DOMAIN)
