"""Nothing is answered 200 that was not kept, and nothing that comes twice counts twice."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import CoreState, Event, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.smartlog.webhook import OWN_PATH

from .build import GATEWAY, NOW, body, data, meter, muc
from .conftest import PASSWORD, USERNAME, WEBHOOK_ID

OWN = f"{OWN_PATH}{WEBHOOK_ID}"
WEBHOOK = f"/api/webhook/{WEBHOOK_ID}"
RIGHT = aiohttp.encode_basic_auth(USERNAME, PASSWORD)
WRONG = aiohttp.encode_basic_auth(USERNAME, "guessed")


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-09-21 14:13:20+00:00")  # NOW


@pytest.fixture
async def client(
    hass_client_no_auth: ClientSessionGenerator, webhook_entry: MockConfigEntry
) -> TestClient[Any, Any]:
    made: TestClient[Any, Any] = await hass_client_no_auth()
    return made


def report(value: int, *, time: int | None = NOW, sent: int | None = NOW) -> bytes:
    """Return a report of one meter; without times where None."""
    point = data("Energy", value, obis="1-0:1.8.0*255", time=time)
    if time is None:
        del point["entry"][0]["T_MUC"]
    tree = muc(meter("00000077", point))
    if sent is None:
        del tree["muc"]["TIMESTAMP"]
    else:
        tree["muc"]["TIMESTAMP"] = str(sent)
    return body(tree)


async def post(client: TestClient[Any, Any], path: str, raw: bytes, login: str = RIGHT) -> int:
    answer = await client.post(path, data=raw, headers={"Authorization": login})
    return answer.status


def shown(hass: HomeAssistant) -> str | None:
    """Return what the meter's register shows."""
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"smartlog_{GATEWAY}_00000077_1_0_1_8_0_255"
    )
    state = hass.states.get(entity_id) if entity_id else None
    return None if state is None else state.state


# --- while the entry does not take reports ------------------------------------------


@pytest.mark.parametrize("path", [OWN, WEBHOOK])
async def test_disabled(
    hass: HomeAssistant, client: TestClient[Any, Any], webhook_entry: MockConfigEntry, path: str
) -> None:
    entry_id = webhook_entry.entry_id
    assert await post(client, path, report(100)) == 200
    await hass.config_entries.async_set_disabled_by(entry_id, ConfigEntryDisabler.USER)
    assert await post(client, path, report(101), WRONG) == 401
    status = await post(client, path, report(101, time=NOW + 60, sent=NOW + 60))
    await hass.config_entries.async_set_disabled_by(entry_id, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert status == (503 if path == OWN else 200)
    assert shown(hass) == ("100" if path == OWN else "101")


@pytest.mark.parametrize("path", [OWN, WEBHOOK])
async def test_while_reloading(
    hass: HomeAssistant, client: TestClient[Any, Any], webhook_entry: MockConfigEntry, path: str
) -> None:
    """A logger that reports while the entry is set up anew, again and again."""
    accepted: list[int] = []
    ended = asyncio.Event()

    async def logger() -> None:
        value = 100
        while not ended.is_set():
            value += 1
            at = NOW + value
            raw = report(value, time=at, sent=at)
            status = await post(client, path, raw)
            assert status in {200, 503}
            if status == 200:
                accepted.append(value)
            assert await post(client, path, raw, WRONG) == 401

    running = hass.async_create_background_task(logger(), "logger")
    for _ in range(5):
        await hass.config_entries.async_reload(webhook_entry.entry_id)
        heard = len(accepted)
        while len(accepted) < heard + 2:
            await asyncio.sleep(0)
    ended.set()
    await running
    await hass.async_block_till_done(wait_background_tasks=True)
    assert accepted
    assert shown(hass) == str(max(accepted))


async def test_while_stopping(
    hass: HomeAssistant, client: TestClient[Any, Any], webhook_entry: MockConfigEntry
) -> None:
    hass.set_state(CoreState.stopping)
    taken = []
    for path in (OWN, WEBHOOK):
        assert await post(client, path, report(100), WRONG) in {401, 503}
        taken.append(await post(client, path, report(100)))
    hass.set_state(CoreState.running)
    await hass.config_entries.async_reload(webhook_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert taken[0] == 503
    assert taken[1] in {200, 503}
    assert shown(hass) == ("100" if 200 in taken else None)


async def test_kept_reports_are_of_the_time_when_they_came(
    hass: HomeAssistant,
    client: TestClient[Any, Any],
    webhook_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Three that say nothing of time: in the order in which they came, each at its time."""
    await hass.config_entries.async_unload(webhook_entry.entry_id)
    for value in (100, 101, 102):
        freezer.tick(900)
        assert await post(client, WEBHOOK, report(value, time=None, sent=None)) == 200
    freezer.tick(7_200)
    assert await hass.config_entries.async_setup(webhook_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == "102"
    (one,) = webhook_entry.runtime_data.meters
    assert one.rhythm.last == NOW + 2_700
    assert one.rhythm.intervals == [900, 900]


async def test_a_kept_report_that_is_sent_again_is_kept_once(
    hass: HomeAssistant, client: TestClient[Any, Any], webhook_entry: MockConfigEntry
) -> None:
    await hass.config_entries.async_unload(webhook_entry.entry_id)
    for _ in range(50):
        assert await post(client, WEBHOOK, report(100)) == 200
    assert await hass.config_entries.async_setup(webhook_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert webhook_entry.runtime_data.diagnostics()["counts"]["reports"] == 1


@pytest.mark.parametrize(
    "content", ["[]", '{"data": []}', '{"data": {"reports": 7}}', '{"data": {"reports": ["?", 1]}}']
)
async def test_a_damaged_file_of_kept_reports(
    hass: HomeAssistant,
    webhook_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    content: str,
) -> None:
    await hass.config_entries.async_unload(webhook_entry.entry_id)
    stored = json.loads(content)
    if isinstance(stored, dict):
        stored |= {"version": 1, "minor_version": 1, "key": "x"}
        hass_storage[f"{DOMAIN}.smartlog_kept.{WEBHOOK_ID}"] = stored
    assert await hass.config_entries.async_setup(webhook_entry.entry_id)


# --- what comes twice, and what comes late --------------------------------------------

TWICE: dict[str, Callable[[int, int], bytes]] = {
    "with times": lambda value, ago: report(value, time=NOW - ago, sent=NOW - ago),
    "the report's time alone": lambda value, ago: report(value, time=None, sent=NOW - ago),
    "the reading's time alone": lambda value, ago: report(value, time=NOW - ago, sent=None),
    "a time in milliseconds": lambda value, ago: report(
        value, time=(NOW - ago) * 1000, sent=(NOW - ago) * 1000
    ),
}


@pytest.mark.parametrize("kind", TWICE)
async def test_twice(
    hass: HomeAssistant,
    client: TestClient[Any, Any],
    webhook_entry: MockConfigEntry,
    kind: str,
) -> None:
    make = TWICE[kind]
    assert await post(client, OWN, make(100, 120)) == 200
    assert await post(client, OWN, make(103, 60)) == 200
    await hass.async_block_till_done(wait_background_tasks=True)
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    assert await post(client, OWN, make(103, 60)) == 200
    await hass.async_block_till_done(wait_background_tasks=True)
    assert _changed(events) == []
    # An older one puts no value back.
    assert await post(client, OWN, make(100, 120)) == 200
    assert await post(client, OWN, make(101, 90)) == 200
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == "103"


def _changed(events: list[Event[Any]]) -> list[str]:
    return [event.data["entity_id"] for event in events]


# --- whose report it is -------------------------------------------------------------------


def other(gateway: str) -> bytes:
    return body(muc(meter("00000099", data("Energy", 5)), gateway=gateway))


@pytest.mark.parametrize(
    "raw",
    [
        other("b2b2b2"),
        json.dumps({"interface": json.loads(other("b2b2b2"))}).encode(),
        json.dumps({"SMARTLOG_ID": "b2b2b2", "METER_ID": "00000099",
                    "data": [data("Energy", 5)]}).encode(),
    ],
)  # fmt: skip
async def test_another_gateway_posts_here(
    hass: HomeAssistant, client: TestClient[Any, Any], webhook_entry: MockConfigEntry, raw: bytes
) -> None:
    assert await post(client, OWN, raw) == 409
    name = f"foreign_smartlog_{webhook_entry.entry_id}"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, name)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["gateway_id"] == "b2b2b2"
    assert webhook_entry.runtime_data.meters == []


async def test_ours_beside_another_is_taken(
    hass: HomeAssistant, client: TestClient[Any, Any], webhook_entry: MockConfigEntry
) -> None:
    both = json.dumps([json.loads(other("b2b2b2")), json.loads(report(100))]).encode()
    assert await post(client, OWN, both) == 200
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == "100"


async def test_a_gateway_that_says_nothing_of_itself_is_ours(
    hass: HomeAssistant, client: TestClient[Any, Any], webhook_entry: MockConfigEntry
) -> None:
    tree = json.loads(report(100))
    del tree["muc"]["MUC_ID"]
    assert await post(client, OWN, json.dumps(tree).encode()) == 200
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == "100"


# --- what yields nothing ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400), (b"hello", 400), (b"{}", 400), (b"[]", 400), (b"null", 400), (b"7", 400),
        (b'{"meter": []}', 200), (b'{"muc": {"MUC_ID": "a1b2c3", "meter": []}}', 200),
        (b'{"zaehler": [{"nr": 1, "stand": 2}]}', 400),
        (b"<interface></interface>", 400), (b"a;b;c\r\n1;2;3\r\n", 400),
        (b"\x00\x01\x02", 400), (b"\x1f\x8b broken", 400),
    ],
)  # fmt: skip
async def test_what_yields_nothing_is_not_accepted_silently(
    client: TestClient[Any, Any], webhook_entry: MockConfigEntry, raw: bytes, status: int
) -> None:
    assert await post(client, OWN, raw) == status
