"""Variants with a P4 and a second factor: another generation, another way to its values."""

from collections.abc import Mapping

import pytest
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry

from .conftest import BERT, Home

P4 = 400204
NO_VALUE = {STATE_UNAVAILABLE, STATE_UNKNOWN}


async def live(home: Home, minutes: int, step: int = 5) -> None:
    for _ in range(minutes // step):
        await home.wait(minutes=step)


def shown(home: Home, entry: HausstromConfigEntry, key: str, platform: str = "sensor") -> str:
    return home.state(entry, platform, key).state


async def test_its_details_are_silent(home: Home) -> None:
    """Of a P4 only the details have the state."""
    entry = await home.add(BERT, str(P4))
    assert shown(home, entry, "current_state") not in NO_VALUE
    home.cloud.fail("/app-systems", status=503)
    await live(home, 180)
    for key in ("current_state", "case_temp", "bat_health"):
        assert shown(home, entry, key) in NO_VALUE, key
    assert shown(home, entry, "house_power") not in NO_VALUE
    assert shown(home, entry, "peak_shaving_mode", "select") not in NO_VALUE
    home.cloud.heal()
    await live(home, 90)
    assert shown(home, entry, "current_state") not in NO_VALUE


@pytest.mark.parametrize(
    ("word", "state"), [("RUN_GRID", "run_grid"), ("TURNING_ON", "turning_on"), ("MORGEN", None)]
)
async def test_its_words_of_states(home: Home, word: str, state: str | None) -> None:
    home.cloud.system(P4).state_word = word
    entry = await home.add(BERT, str(P4))
    found = shown(home, entry, "current_state")
    assert found == state or (state is None and found == STATE_UNKNOWN)


async def test_what_it_never_tells_is_no_entity(home: Home) -> None:
    """A V3 says whether its state is a good one; of a P4 that would be unknown for ever."""
    entry = await home.add(BERT, str(P4))
    registry = er.async_get(home.hass)
    platforms = {
        entity.domain
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.unique_id.removeprefix(f"{entry.unique_id}_")
        in {"current_state", "current_state_ok"}
    }
    assert platforms == {"sensor"}


@pytest.mark.parametrize("level", [1e-05, 0.00002, None])
async def test_placeholders_in_some_of_its_minutes(home: Home, level: float | None) -> None:
    entry = await home.add(BERT, str(P4))
    for minute in range(20):
        told: Mapping[str, object] = {"batteryLevelInPercent": 37.5 if minute % 3 else level}
        home.cloud.system(P4).currently = dict(told)
        await home.wait(minutes=1)
        assert shown(home, entry, "bat_fuel_charge") in {*NO_VALUE, "37.5"}, minute


async def test_a_page_after_its_one_time_code(home: Home) -> None:
    """The password and the code are with SENEC: neither goes out a second time."""
    entry = await home.add(BERT, str(P4))
    sent = home.cloud.sso.passwords
    page = "<!DOCTYPE html><html><head><title>Neue Bedingungen</title></head><body></body></html>"
    home.cloud.sso.after_password = (200, page)
    home.cloud.end_sessions()
    await live(home, 25 * 60)
    assert home.cloud.sso.passwords - sent <= 1
    assert shown(home, entry, "house_power") in NO_VALUE
    issues = [
        issue
        for (domain, name), issue in ir.async_get(home.hass).issues.items()
        if domain == DOMAIN and name.endswith(entry.entry_id) and issue.active
    ]
    assert any("Neue Bedingungen" in str(one.translation_placeholders) for one in issues)


async def test_its_sessions_end_and_a_code_is_asked_for(home: Home) -> None:
    entry = await home.add(BERT, str(P4))
    sent = home.cloud.sso.passwords
    home.cloud.end_sessions()
    await live(home, 60)
    assert home.cloud.sso.passwords - sent == 1
    assert shown(home, entry, "house_power") not in NO_VALUE
    assert shown(home, entry, "peak_shaving_mode", "select") not in NO_VALUE
