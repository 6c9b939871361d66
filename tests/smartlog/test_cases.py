"""What users lived through, by webhook and by MQTT: the reference cases and our own."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, MqttMockHAClient

from .conftest import MQTT_DATA, PASSWORD, USERNAME, WEBHOOK_DATA, make_entry, publish, set_up
from .driver import Case, Driver, all_cases

CASES = {path.stem: path for path in all_cases()}
# These describe requests or calls, and have tests of their own.
_OTHERWISE = {"c14-not-lost-while-away", "h5-consumption-between-two-dates"}
BY_STEPS = [name for name in CASES if name not in _OTHERWISE]


pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-11-26 14:20:07+00:00")


def load(path: Path) -> Case:
    case: Case = json.loads(path.read_text())
    return case


async def by_webhook(
    hass: HomeAssistant,
    client_of: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
    case: Case,
) -> Driver:
    await async_setup_component(hass, "http", {})
    entry = make_entry(hass, WEBHOOK_DATA)
    await set_up(hass, entry)
    client = await client_of()

    async def send(body: bytes, _topic: str) -> None:
        headers = {"Authorization": aiohttp.encode_basic_auth(USERNAME, PASSWORD)}
        path = f"/api/hausstrom/smartlog/{WEBHOOK_DATA['webhook_id']}"
        await client.post(path, data=body, headers=headers)

    return Driver(hass, entry, freezer, send, case)


async def by_mqtt(hass: HomeAssistant, freezer: FrozenDateTimeFactory, case: Case) -> Driver:
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)

    async def send(body: bytes, topic: str) -> None:
        await publish(hass, body, topic)

    return Driver(hass, entry, freezer, send, case)


async def check(driver: Driver) -> None:
    """Run a case, and look at what the whole of it must have led to."""
    case = driver.case
    await driver.hass.config.async_set_time_zone(case.get("time_zone", "Europe/Vienna"))
    await driver.run()
    expect = case.get("expect", {})
    if "statistics" in expect:
        await check_statistics(driver, expect["statistics"])
    number = expect.get("statistics", {}).get("meter")
    if "state" in expect:
        value, unit = expect["state"]
        states = [(float(s.state), s.attributes["unit_of_measurement"])
                  for s in driver.states_of(number)]  # fmt: skip
        assert (value, unit) in states
    if "register" in expect:
        await check_due_date(driver, expect)


async def check_statistics(driver: Driver, wanted: Case) -> None:
    rows = await driver.own_history(wanted["meter"], wanted["period"])
    assert rows, "no statistics"
    changes: dict[str, float] = {}
    for row in rows:
        start = dt_util.as_local(datetime.fromtimestamp(row["start"], dt_util.UTC))
        name = f"{start:%Y-%m}" if wanted["period"] == "month" else str(int(row["start"]))
        assert name not in changes
        changes[name] = row["change"]
        assert row["sum"] >= 0
        assert row["change"] >= 0
    for name, value in wanted["change"].items():
        key = driver._filled(name) if name.startswith("@") else name
        assert changes.get(key) == pytest.approx(value, abs=1e-6), name


async def check_due_date(driver: Driver, expect: Case) -> None:
    number = driver.case["steps"][0]["body"]["muc"]["meter"][0]["METER_ID"]
    value, unit = expect["register"]
    assert driver.registers_of(number) == {"other": [value]}
    registry = er.async_get(driver.hass)
    for one in driver.entries_of(number):
        if one.disabled_by is not None and one.domain == "sensor":
            registry.async_update_entity(one.entity_id, disabled_by=None)
    await driver.hass.config_entries.async_reload(driver.entry.entry_id)
    await driver.settle()
    due, unit = expect["due_date_value"]
    (state,) = [s for s in driver.states_of(number) if s.state == str(due)]
    assert state.attributes["unit_of_measurement"] == unit
    shown: dict[str, Any] = dict(state.attributes)
    assert any(expect["attribute_of_it_contains"] in str(value) for value in shown.values())


@pytest.mark.parametrize("name", BY_STEPS)
async def test_by_webhook(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
    name: str,
) -> None:
    case = load(CASES[name])
    if case.get("transport", "webhook") != "webhook":
        pytest.skip("by MQTT only")
    await check(await by_webhook(hass, hass_client_no_auth, freezer, case))


@pytest.mark.parametrize("name", BY_STEPS)
async def test_by_mqtt(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    name: str,
) -> None:
    case = load(CASES[name])
    if case.get("transport", "mqtt") != "mqtt":
        pytest.skip("by webhook only")
    await check(await by_mqtt(hass, freezer, case))
