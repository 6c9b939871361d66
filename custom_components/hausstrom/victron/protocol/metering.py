"""Energy that a GX does not count: of the PV on DC and of the battery, from their power."""

from typing import Final

from ...common.energy_counter import EnergyLedger
from .system import GX_SERVICE, GxSystem

DC_PV_ENERGY: Final = "system_0_dc_pv_energy"
BATTERY_CHARGE_ENERGY: Final = "system_0_dc_battery_charge_energy"
BATTERY_DISCHARGE_ENERGY: Final = "system_0_dc_battery_discharge_energy"
KEYS: Final = (DC_PV_ENERGY, BATTERY_CHARGE_ENERGY, BATTERY_DISCHARGE_ENERGY)
_DIGITS: Final = 4


class Metering:
    """Counts energy from the system's power; `ledger` is what has to be stored."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.ledger = EnergyLedger(KEYS)

    def sample(self, system: GxSystem, now: float) -> bool:
        """Take the power of this moment; returns whether there is any.

        The bus tells changes only: while the GX is live, the last value said is the power now.
        While it is not, there is a gap.
        """
        service = system.services.get(GX_SERVICE) if system.available(GX_SERVICE) else None
        pv = None if service is None else service.number("Dc/Pv/Power")
        battery = None if service is None else service.number("Dc/Battery/Power")
        counters = self.ledger.counters
        counters[DC_PV_ENERGY].integrate(pv, now)
        counters[BATTERY_CHARGE_ENERGY].integrate(battery, now)
        counters[BATTERY_DISCHARGE_ENERGY].integrate(None if battery is None else -battery, now)
        return bool(pv or battery)

    def readings(self) -> dict[str, float]:
        """Return the totals (kWh) by key."""
        return {key: round(total, _DIGITS) for key, total in self.ledger.totals().items()}
