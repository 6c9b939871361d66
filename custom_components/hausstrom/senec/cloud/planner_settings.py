"""SENEC's settings as the planner's ledger knows them, and the way back to the user's own."""

import asyncio
from datetime import time
from typing import Final

from homeassistant.core import HomeAssistant

from ...coordinator import HausstromConfigEntry
from ...planning.day import Ledger, SettingOwner, Settings
from .const import CONF_CONTROL_UNIT
from .protocol.account import Account
from .protocol.peak_shaving import Change, Mode, PeakShaving
from .session import Keeper, account_store, open_account

MANUAL: Final = Mode.MANUAL.value
LONGEST_WAY_BACK: Final = 30.0  # seconds


def settings_of(settings: PeakShaving | None) -> Settings | None:
    """Return what SENEC has, as the ledger knows it; None while its mode is not known."""
    if settings is None or settings.mode is None:
        return None
    end = None if settings.end_time is None else settings.end_time.strftime("%H:%M")
    return Settings(settings.mode.value, settings.capacity_limit, end)


def change_to(settings: Settings) -> Change:
    """Return the change that makes settings so."""
    end = None if settings.end is None else time.fromisoformat(settings.end)
    return Change(Mode(settings.mode), settings.limit, end)


async def async_put_back(hass: HomeAssistant, entry: HausstromConfigEntry, ledger: Ledger) -> None:
    """Put back the user's settings for an entry that is going: its own session is closed by then.

    Raises SenecServiceError or TimeoutError.
    """
    store = account_store(hass, entry.entry_id)
    account = open_account(hass, entry.data, Keeper(store), await store.async_load())
    try:
        async with asyncio.timeout(LONGEST_WAY_BACK):
            await _put_back(account, str(entry.data[CONF_CONTROL_UNIT]), ledger)
    finally:
        account.session.detach()


async def _put_back(account: Account, control_unit: str, ledger: Ledger) -> None:
    """Write what the user had before the planner, if the planner's settings are still there."""
    if ledger.users is None:
        return
    plant = await account.portal.find(control_unit)
    if plant is None:
        return
    found = settings_of(await account.portal.peak_shaving(plant))
    if found is None or ledger.owner(found, MANUAL) is not SettingOwner.PLANNER:
        return
    if not found.same(ledger.users, MANUAL):
        await account.portal.change_peak_shaving(plant, change_to(ledger.users))
