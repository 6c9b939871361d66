"""Energy that a GX does not count, from its power: of the PV on DC, of the battery, of the grid."""

from typing import Final

from ...common.energy_counter import EnergyLedger
from .listening import GX_SERVICE
from .system import GxSystem

DC_PV_ENERGY: Final = "system_0_dc_pv_energy"
BATTERY_CHARGE_ENERGY: Final = "system_0_dc_battery_charge_energy"
BATTERY_DISCHARGE_ENERGY: Final = "system_0_dc_battery_discharge_energy"
GRID_IMPORT_ENERGY: Final = "system_0_ac_grid_import_energy"
GRID_EXPORT_ENERGY: Final = "system_0_ac_grid_export_energy"
KEYS: Final = (
    DC_PV_ENERGY,
    BATTERY_CHARGE_ENERGY,
    BATTERY_DISCHARGE_ENERGY,
    GRID_IMPORT_ENERGY,
    GRID_EXPORT_ENERGY,
)
GRID_PHASES: Final = tuple(f"Ac/Grid/L{phase}/Power" for phase in (1, 2, 3))
_DIGITS: Final = 4


class Metering:
    """Counts energy from the system's power; `ledger` is what has to be stored."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.ledger = EnergyLedger(KEYS)

    def sample(self, system: GxSystem, now: float) -> bool:
        """Take the power of this moment; returns whether there is any.

        The bus tells changes only: while the GX is live, the last value said is the power now.
        While it is not, there is a gap. The phases of the grid are one balance, as meters count
        and as the GX controls.
        """
        gx = system.roster.places.get(GX_SERVICE) if system.available(str(GX_SERVICE)) else None
        pv = battery = grid = None
        if gx is not None:
            pv, battery = gx.number("Dc/Pv/Power"), gx.number("Dc/Battery/Power")
            phases = [power for path in GRID_PHASES if (power := gx.number(path)) is not None]
            grid = sum(phases) if phases else None
        self._flow(DC_PV_ENERGY, None, pv, now)
        self._flow(BATTERY_CHARGE_ENERGY, BATTERY_DISCHARGE_ENERGY, battery, now)
        self._flow(GRID_IMPORT_ENERGY, GRID_EXPORT_ENERGY, grid, now)
        return bool(pv or battery or grid)

    def _flow(self, forth: str, back: str | None, power: float | None, now: float) -> None:
        counters = self.ledger.counters
        counters[forth].integrate(power, now)
        if back is not None:
            counters[back].integrate(None if power is None else -power, now)

    def readings(self) -> dict[str, float]:
        """Return the totals (kWh) by key."""
        return {key: round(total, _DIGITS) for key, total in self.ledger.totals().items()}
