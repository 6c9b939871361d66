"""What a GX complains of happens once, whatever else happens to its list."""

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from tests.victron.case_driver import Json, Player
from tests.victron.case_variants import case
from tests.victron.gx import Gx

LIST = "platform/0/Notifications"
KEY = "platform_0_notifications"
NOW = 1_791_972_000


def note(place: int, when: float, text: str, kind: Json = 1, **more: Json) -> dict[str, Json]:
    """Return the topics of a notification, with their payloads."""
    values = {
        "Acknowledged": 0,
        "Active": 1,
        "DateTime": when,
        "Description": text,
        "DeviceName": "MultiPlus",
        "Type": kind,
        "Value": "",
        **more,
    }
    return {f"{LIST}/{place}/{path}": {"value": value} for path, value in values.items()}


async def start(
    hass: HomeAssistant,
    client: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    **values: Json,
) -> Player:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    known = {f"{LIST}/NumberOfNotifications": len(values), **values}
    player = Player(hass, client, freezer, case(known, expect=[]))
    await player.set_up({})
    return player


def told(player: Player) -> tuple[str, Any, Any]:
    state: State = player.state(KEY)
    assert state.domain == "event"
    attributes = state.attributes
    return state.state, attributes.get("event_type"), attributes.get("description")


async def test_a_notification_happens_when_it_comes(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    player = await start(hass, mqtt_mock, freezer)
    assert told(player) == (STATE_UNKNOWN, None, None)
    player.appear(note(0, NOW, "Grid lost", Value="0 V"))
    await player.pass_time(2)
    happened, *what = told(player)
    assert what == ["alarm", "Grid lost"]
    attributes = player.state(KEY).attributes
    assert (attributes["device"], attributes["value"]) == ("MultiPlus", "0 V")
    assert attributes["time"] == "2026-10-14T10:00:00+00:00"
    # That it is acknowledged, is over, or moves within the list is no news.
    player.set({f"{LIST}/0/Acknowledged": 1, f"{LIST}/0/Active": 0})
    await player.pass_time(2)
    player.appear(note(3, NOW, "Grid lost", Value="0 V"))
    await player.pass_time(2)
    assert told(player)[0] == happened
    player.appear(note(4, NOW + 60, "Low battery", 0))
    await player.pass_time(2)
    again, *what = told(player)
    assert again != happened
    assert what == ["warning", "Low battery"]
    player.appear(note(5, NOW + 90, "Software update available", 2))
    await player.pass_time(2)
    assert told(player)[1:] == ("information", "Software update available")


async def test_what_is_in_the_list_at_first_is_old(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    player = await start(hass, mqtt_mock, freezer, **note(0, NOW, "Grid lost"))
    assert told(player) == (STATE_UNKNOWN, None, None)
    player.appear(note(1, NOW - 500, "Older still"))
    await player.pass_time(2)
    assert told(player) == (STATE_UNKNOWN, None, None)
    player.appear(note(2, NOW + 5, "High temperature"))
    await player.pass_time(2)
    assert told(player)[1:] == ("alarm", "High temperature")


async def test_after_a_restart_nothing_happens_twice_and_nothing_is_missed(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    player = await start(hass, mqtt_mock, freezer)
    player.appear(note(0, NOW, "Grid lost"))
    await player.pass_time(2)
    happened = told(player)
    await player.restart()
    assert told(player) == happened
    assert player.entry is not None
    await hass.config_entries.async_unload(player.entry.entry_id)
    player.appear(note(1, NOW + 30, "Overload", 1))
    await hass.config_entries.async_setup(player.entry.entry_id)
    await player.pass_time(6)
    assert told(player)[1:] == ("alarm", "Overload")


@pytest.mark.parametrize(
    "odd",
    [
        note(0, NOW, "Odd", 9),
        note(0, NOW, "Odd", None),
        note(0, NOW, "Odd", "alarm"),
        note(0, -5, "Odd"),
        note(0, 1e300, "Odd"),
        {f"{LIST}/0/DateTime": {"value": "yesterday"}, f"{LIST}/0/Type": {"value": 1}},
    ],
)
def test_what_is_no_notification_is_none(gx: Gx, odd: dict[str, Any]) -> None:
    gx.tell("platform/0", {"Notifications/NumberOfNotifications": 1})
    values = {path.split("/", 2)[2]: payload["value"] for path, payload in odd.items()}
    gx.tell("platform/0", values)
    assert gx.system.readings[KEY] == ""


def test_texts_are_cleaned_and_bounded(gx: Gx) -> None:
    gx.tell("platform/0", {"Notifications/NumberOfNotifications": 0})
    odd = note(0, NOW, "Grid\u202e\x00<b>lost</b>" + "!" * 5000)
    values = {path.split("/", 2)[2]: payload["value"] for path, payload in odd.items()}
    gx.tell("platform/0", values)
    said = str(gx.system.readings[KEY])
    assert "\u202e" not in said
    assert "\x00" not in said
    assert len(said) < 400
