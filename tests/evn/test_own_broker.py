"""A meter on a real broker of its own: faults of the connection, and many telegrams."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from copy import replace
from datetime import datetime, timedelta
from itertools import count, groupby
from typing import Any
from unittest.mock import Mock, patch

import aiomqtt
import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.certificates import pinned_certificate
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.evn import coordinator as evn_coordinator
from custom_components.hausstrom.mqtt_link import broker as mqtt_module
from custom_components.hausstrom.mqtt_link.opening import async_try_broker
from simulators.mosquitto import Mosquitto
from tests.test_mqtt import at
from tests.waiting import until

from .conftest import TOPIC, MeterOnTopic, entity_id

type EntryMaker = Callable[..., MockConfigEntry]

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    with patch.object(mqtt_module, "FIRST_RETRY", 0.05):
        yield


@asynccontextmanager
async def client_of(broker: Mosquitto) -> Any:
    context = None
    if broker.tls:
        from custom_components.hausstrom.tls import pinned_context

        context = pinned_context(broker.certificate.read_text())
    async with aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        tls_context=context,
    ) as client:
        yield client


async def set_up(
    hass: HomeAssistant, make_entry: EntryMaker, broker: Mosquitto, **options: object
) -> MockConfigEntry:
    entry = make_entry(**options)
    known = await async_try_broker(hass, at(broker))
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "source": "broker", "broker": known.as_data()}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def start_repair(http: Any, issue_id: str) -> Any:
    response = await http.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id}
    )
    return await response.json()


async def go_on_with_repair(http: Any, flow_id: str) -> Any:
    response = await http.post(f"/api/repairs/issues/fix/{flow_id}", json={})
    return await response.json()


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    state: ConfigEntryState = entry.state
    return state


def power(hass: HomeAssistant) -> str | None:
    state = hass.states.get(entity_id(hass, "power"))
    return None if state is None else state.state


async def test_a_thousand_telegrams_with_the_broker_gone_in_between(
    hass: HomeAssistant, meter: MeterOnTopic, make_entry: EntryMaker
) -> None:
    shown: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        if event.data["entity_id"] == entity_id(hass, "power"):
            shown.append(event.data["new_state"].state)

    hass.bus.async_listen("state_changed", note)
    start = dt_util.utcnow()
    # The telegrams of 83 minutes pass in seconds, so the clock on the wall runs along.
    arrivals = (start + timedelta(seconds=5 * number) for number in count())
    with patch.object(evn_coordinator, "dt_util", Mock(utcnow=lambda: next(arrivals))):
        await send_a_thousand(hass, meter, make_entry, start, shown)


async def send_a_thousand(
    hass: HomeAssistant,
    meter: MeterOnTopic,
    make_entry: EntryMaker,
    start: datetime,
    shown: list[str],
) -> None:
    async with Mosquitto() as broker:
        entry = await set_up(hass, make_entry, broker, update_interval=0)
        sent: list[str] = []
        meter.state = replace(meter.state, currents=(104, 104, 104), power_factor=1000)

        async def send(number: int) -> None:
            async with client_of(broker) as client:
                for _ in range(number):
                    watts = 718 + len(sent) % 2  # one Wh in five seconds
                    meter.state = replace(
                        meter.state,
                        power_import=watts,
                        energy_import=meter.state.energy_import + 1,
                    )
                    when = start + timedelta(seconds=5 * len(sent))
                    sent.append(str(watts))
                    await client.publish(TOPIC, meter.telegram(when=when).hex().upper())

        def judged() -> int:
            counts = entry.runtime_data.diagnostics()
            return int(counts["telegrams_accepted"] + sum(counts["telegrams_rejected"].values()))

        accepted: list[str] = []
        push = entry.runtime_data.async_push

        def note_accepted(values: Mapping[str, Any]) -> None:
            accepted.append(str(values["power"]))
            push(values)

        entry.runtime_data.async_push = note_accepted
        await send(500)
        await until(lambda: judged() == 500)
        await broker.stop()
        await until(lambda: power(hass) == STATE_UNAVAILABLE)
        await broker.start()
        await until(lambda: entry.runtime_data.transport.connected)
        assert power(hass) == STATE_UNAVAILABLE, "a broker alone is no meter"
        accepted.append(STATE_UNAVAILABLE)
        await send(500)
        await until(lambda: judged() == 1000)
        assert len(accepted) > 990, "a telegram out of a hundred may wait for the next"
        assert shown == [value for value, _ in groupby(accepted)]
        assert await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()
        assert not [task for task in asyncio.all_tasks() if "hausstrom" in task.get_name()]


async def test_a_broker_that_is_away_at_the_start(
    hass: HomeAssistant, make_entry: EntryMaker
) -> None:
    async with Mosquitto() as broker:
        entry = make_entry()
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "source": "broker", "broker": at(broker).as_data()}
        )
        await broker.stop()
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert state_of(entry) is ConfigEntryState.SETUP_RETRY
        await broker.start()
        await hass.config_entries.async_reload(entry.entry_id)
        assert state_of(entry) is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(entry.entry_id)


def is_link(task: asyncio.Task[Any]) -> bool:
    """Whether a task is a connection of ours to a broker."""
    return task.get_name().startswith("hausstrom mqtt")


async def test_a_changed_password_asks_once_and_tries_no_more(
    hass: HomeAssistant, make_entry: EntryMaker
) -> None:
    async with Mosquitto(username="anna", password="right") as broker:
        entry = await set_up(hass, make_entry, broker)
        await broker.stop()
        async with Mosquitto(port=broker.port, username="anna", password="new"):
            await until(lambda: hass.config_entries.flow.async_progress() != [])
            flows = hass.config_entries.flow.async_progress()
            assert [flow["context"]["source"] for flow in flows] == ["reauth"]
            await hass.config_entries.async_reload(entry.entry_id)
            assert state_of(entry) is ConfigEntryState.SETUP_ERROR
            # Nobody is left who would try again.
            await until(lambda: not [one for one in asyncio.all_tasks() if is_link(one)])


async def test_a_changed_certificate_is_asked_about_and_accepted(
    hass: HomeAssistant,
    make_entry: EntryMaker,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    async with Mosquitto(tls=True) as broker:
        entry = await set_up(hass, make_entry, broker)
        before = pinned_certificate(entry)
        await broker.stop()
        broker.renew_certificate()
        await broker.start()
        issue_id = f"certificate_changed_{entry.entry_id}"
        await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None)
        await hass.config_entries.async_reload(entry.entry_id)
        assert state_of(entry) is ConfigEntryState.SETUP_RETRY, (
            "not trusted before the user says so"
        )

        http = await hass_client()
        flow = await start_repair(http, issue_id)
        assert flow["step_id"] == "confirm"
        placeholders = flow["description_placeholders"]
        assert placeholders["expected"] != placeholders["shown"]
        result = await go_on_with_repair(http, flow["flow_id"])
        assert result["type"] == FlowResultType.CREATE_ENTRY
        await until(lambda: state_of(entry) is ConfigEntryState.LOADED)
        assert pinned_certificate(entry) != before
        assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None
        await hass.config_entries.async_unload(entry.entry_id)


async def test_a_question_about_an_entry_that_is_gone(
    hass: HomeAssistant,
    make_entry: EntryMaker,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    async with Mosquitto(tls=True) as broker:
        entry = await set_up(hass, make_entry, broker)
        await broker.stop()
        broker.renew_certificate()
        await broker.start()
        issue_id = f"certificate_changed_{entry.entry_id}"
        await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None)
        http = await hass_client()
        flow = await start_repair(http, issue_id)
        await hass.config_entries.async_remove(entry.entry_id)
        assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None
        result = await go_on_with_repair(http, flow["flow_id"])
        assert result["reason"] == "entry_removed"
