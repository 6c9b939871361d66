"""Energy that a GX does not count: of the PV on DC and of the battery, from their power."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..energy import EnergyLedger
from .descriptions import BATTERY_CHARGE_ENERGY, BATTERY_DISCHARGE_ENERGY, DC_PV_ENERGY
from .system import GX_SERVICE, GxSystem

KEYS: Final = (DC_PV_ENERGY, BATTERY_CHARGE_ENERGY, BATTERY_DISCHARGE_ENERGY)
SAVE_DELAY: Final = 300.0
_DIGITS: Final = 4


def energy_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where the counters of an entry are kept."""
    return Store(hass, 1, f"{DOMAIN}.victron_energy.{entry_id}")


class Metering:
    """Counts energy from the system's power, once a second, and remembers it."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Begin at zero; async_restore goes on where it was."""
        self._store = energy_store(hass, entry_id)
        self._ledger = EnergyLedger(KEYS)

    async def async_restore(self) -> None:
        """Go on from what was stored."""
        stored = await self._store.async_load()
        if isinstance(stored, Mapping):
            self._ledger.restore(stored)

    async def async_save(self) -> None:
        """Store now."""
        await self._store.async_save(self._ledger.totals())

    def sample(self, system: GxSystem, now: float) -> None:
        """Take the power of this moment; a GX that is not live is a gap.

        The bus tells changes only: while it is live, the last value said is the power now.
        """
        live = system.available(GX_SERVICE)
        service = system.services.get(GX_SERVICE)
        pv = service.number("Dc/Pv/Power") if live and service else None
        battery = service.number("Dc/Battery/Power") if live and service else None
        counters = self._ledger.counters
        counters[DC_PV_ENERGY].integrate(pv, now)
        counters[BATTERY_CHARGE_ENERGY].integrate(battery, now)
        counters[BATTERY_DISCHARGE_ENERGY].integrate(None if battery is None else -battery, now)
        if pv or battery:
            self._store.async_delay_save(self._ledger.totals, SAVE_DELAY)

    def readings(self) -> dict[str, float]:
        """Return the totals (kWh) by key."""
        return {key: round(total, _DIGITS) for key, total in self._ledger.totals().items()}
