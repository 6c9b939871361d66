"""SENEC's settings as the planner's ledger knows them, and the way back to the user's own."""

from datetime import time
from typing import Final

from ...planning.day import Ledger, Owner, Settings
from .protocol.account import Account
from .protocol.peak_shaving import Change, Mode, PeakShaving

MANUAL: Final = Mode.MANUAL.value


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


async def put_back(account: Account, control_unit: str, ledger: Ledger) -> None:
    """Write what the user had before the planner, if the planner's settings are still there.

    Raises SenecServiceError if SENEC does not answer or does not take it.
    """
    if ledger.users is None:
        return
    plant = await account.portal.find(control_unit)
    if plant is None:
        return
    found = settings_of(await account.portal.peak_shaving(plant))
    if found is None or ledger.owner(found, MANUAL) is not Owner.PLANNER:
        return
    if not found.same(ledger.users, MANUAL):
        await account.portal.change_peak_shaving(plant, change_to(ledger.users))
