"""Meters that appear by themselves are bounded, and the user is asked about the others."""

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.repairs import async_create_fix_flow

from .build import data, meter, muc
from .conftest import MQTT_DATA, make_entry, publish, set_up

MOST = 250


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-09-21 14:13:20+00:00")  # NOW


@pytest.fixture
async def entry(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> MockConfigEntry:
    """Return an entry that knows one meter."""
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)
    await publish(hass, report(1))
    return entry


def report(*numbers: int) -> dict[str, Any]:
    """Return a report of meters with these numbers."""
    return muc(
        *(
            meter(f"{number:08d}", data("Volume", number, "m^3", medium="Water"))
            for number in numbers
        )
    )


def question(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return what is asked."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"smartlog_meters_{entry.entry_id}")


def numbers(entry: MockConfigEntry) -> set[str]:
    return {one.id for one in entry.runtime_data.meters}


async def answer(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Answer the question as a person would; return the end of the dialog."""
    asked = question(hass, entry)
    assert asked is not None
    assert asked.is_fixable
    flow: Any = await async_create_fix_flow(hass, asked.issue_id, asked.data)
    flow.hass, flow.issue_id, flow.data = hass, asked.issue_id, asked.data
    shown = await flow.async_step_init()
    assert shown["type"] is FlowResultType.FORM
    assert shown["description_placeholders"]["count"] == "150"
    assert "00000300" in shown["description_placeholders"]["numbers"]
    done = await flow.async_step_confirm({})
    await hass.async_block_till_done(wait_background_tasks=True)
    return done


async def test_a_flood_of_meters_waits_for_a_word(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await publish(hass, report(*range(50, 450)))
    assert len(numbers(entry)) == MOST
    assert len(dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)) == MOST + 1
    asked = question(hass, entry)
    assert asked is not None
    assert asked.translation_placeholders is not None
    assert asked.translation_placeholders["count"] == "151"


async def test_the_word_lets_them_in(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await publish(hass, report(*range(51, 450)))
    done = await answer(hass, entry)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["most_meters"] == 400
    assert question(hass, entry) is None
    await publish(hass, report(*range(51, 450)))
    assert numbers(entry) == {f"{number:08d}" for number in (1, *range(51, 450))}
    assert question(hass, entry) is None
    # What was agreed to were those, not any number of others.
    await publish(hass, report(*range(51, 460)))
    assert len(numbers(entry)) == 400
    assert question(hass, entry) is not None


async def test_one_by_one_on_topics_of_their_own(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    for number in range(2, MOST + 21):
        await publish(hass, report(number))
    assert len(numbers(entry)) == MOST
    asked = question(hass, entry)
    assert asked is not None
    assert asked.translation_placeholders is not None
    assert asked.translation_placeholders["count"] == "20"


async def test_what_is_ignored_stays_ignored(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await publish(hass, report(*range(50, 450)))
    asked = question(hass, entry)
    assert asked is not None
    ir.async_ignore_issue(hass, DOMAIN, asked.issue_id, True)
    await hass.config_entries.async_reload(entry.entry_id)
    await publish(hass, report(*range(50, 451)))
    asked = question(hass, entry)
    assert asked is not None
    assert asked.dismissed_version is not None
    await hass.config_entries.async_remove(entry.entry_id)
    assert question(hass, entry) is None


async def test_known_meters_go_on_while_others_wait(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await publish(hass, report(*range(50, 450)))
    changed = report(1, *range(50, 450))
    changed["muc"]["meter"][0]["data"][0]["entry"][0].update(VAL="2", T_MUC="1790000100")
    changed["muc"]["TIMESTAMP"] = "1790000100"
    await publish(hass, changed)
    assert entry.runtime_data.data["00000001_volume_m3"] == 2


async def test_meters_that_are_not_to_be_added_are_not_asked_about(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)
    await publish(hass, report(1))
    hass.config_entries.async_update_entry(entry, options={"auto_create": False})
    await hass.config_entries.async_reload(entry.entry_id)
    await publish(hass, report(*range(50, 450)))
    assert numbers(entry) == {"00000001"}
    assert question(hass, entry) is None


async def test_the_entry_is_gone(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await publish(hass, report(*range(51, 450)))
    asked = question(hass, entry)
    assert asked is not None
    flow: Any = await async_create_fix_flow(hass, asked.issue_id, asked.data)
    flow.hass, flow.issue_id, flow.data = hass, asked.issue_id, asked.data
    await hass.config_entries.async_remove(entry.entry_id)
    done = await flow.async_step_confirm({})
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "entry_removed")
