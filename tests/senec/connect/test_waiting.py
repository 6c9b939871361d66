"""SENEC.Connect asks us to wait: so long nothing is asked, and then at once."""

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE

from tests.senec.cloud.conftest import Home, home

from .test_entry import OFFLINE, P4, add

__all__ = ["home"]


@pytest.mark.parametrize("asked", [700, 1500, 3000])
async def test_the_wait_that_the_server_asks_for_is_ours(home: Home, asked: int) -> None:
    """Neither shorter (it is their server) nor longer (one wants to see one's battery)."""
    entry = await add(home, P4)
    home.cloud.fail("/connect", status=429, retry_after=str(asked))
    await home.wait(minutes=2)
    home.cloud.heal()
    home.cloud.forget()
    await home.wait(seconds=asked - 150)
    assert home.cloud.requests.total() == 0
    assert home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE
    await home.wait(seconds=150)
    assert home.cloud.requests.total() == 1
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE


async def test_a_set_up_that_has_to_wait_does_not_ask_again(home: Home) -> None:
    """Home Assistant tries to set up every few seconds; the server has said that it is in vain."""
    entry = await add(home, P4)
    home.cloud.fail("/connect", status=429, retry_after="600")
    assert not await home.hass.config_entries.async_reload(entry.entry_id)
    home.cloud.heal()
    home.cloud.forget()
    for _ in range(9):
        await home.wait(minutes=1)
    assert (entry.state, home.cloud.requests.total()) == (ConfigEntryState.SETUP_RETRY, 0)
    for _ in range(12):  # Home Assistant's own steps are of ten minutes by now
        await home.wait(minutes=1)
    assert entry.state is ConfigEntryState.LOADED


async def test_all_entries_of_the_key_wait(home: Home) -> None:
    entries = [await add(home, P4), await add(home, OFFLINE)]
    home.cloud.fail("/connect", status=429, retry_after="900")
    await home.wait(minutes=2)
    home.cloud.heal()
    home.cloud.forget()
    for _ in range(12):
        await home.wait(minutes=1)
    assert home.cloud.requests.total() == 0
    for _ in range(4):
        await home.wait(minutes=1)
    assert all(entry.runtime_data.last_update_success for entry in entries)
