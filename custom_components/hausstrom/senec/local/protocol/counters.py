"""Energy that survives what firmware 0825 took away: from the device's statistics, else from power."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from ....common.energy_counter import EnergyLedger
from ....common.value import Value


class CounterSource(NamedTuple):
    """Where a counter's energy comes from: the key of a power and its sign, or of a statistic."""

    power: str
    sign: int
    statistic: str = ""  # where the device counts it itself


SOURCES: Final[Mapping[str, CounterSource]] = {
    "grid_import_energy": CounterSource("grid_power", 1, "statistic_live_grid_import"),
    "grid_export_energy": CounterSource("grid_power", -1, "statistic_live_grid_export"),
    "bat_charge_energy": CounterSource("bat_power", -1, "statistic_live_bat_charge"),
    "bat_discharge_energy": CounterSource("bat_power", 1, "statistic_live_bat_discharge"),
    "inverter_energy": CounterSource("inverter_power", 1, "statistic_live_pv_gen"),
    "house_energy": CounterSource("house_power", 1, "statistic_live_house_cons"),
    "wallbox_energy": CounterSource("wallbox_charge_power", 1, "statistic_live_wb_energy_0"),
    **{
        f"wallbox_energy{index}": CounterSource(
            f"wallbox_charge_power{index}", 1, f"statistic_live_wb_energy_{index}"
        )
        for index in range(4)
    },
    # Of a cascade, as its master tells: the sums over master and slaves.
    "casc_bat_charge_energy": CounterSource("casc_bat_power", -1),
    "casc_bat_discharge_energy": CounterSource("casc_bat_power", 1),
    "casc_inverter_energy": CounterSource("casc_inverter_power", 1),
    "casc_house_energy": CounterSource("casc_house_power", 1),
}
_WALLBOX_STATISTICS: Final = tuple(f"statistic_live_wb_energy_{index}" for index in range(4))


class EnergyMeters:
    """The counters of one system. A change of source never makes one jump."""

    def __init__(self, *, longest_gap: float) -> None:
        """Count nothing over a gap longer than `longest_gap` seconds."""
        self._ledger = EnergyLedger(tuple(SOURCES), longest_gap=longest_gap)
        self._statistics: dict[str, float] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the counters that there can be."""
        return tuple(SOURCES)

    def restore(self, stored: Mapping[str, object]) -> None:
        """Go on from what `stored()` returned before a restart."""
        totals, statistics = stored.get("totals"), stored.get("statistics")
        if isinstance(totals, Mapping):
            self._ledger.restore(totals)
        if isinstance(statistics, Mapping):
            # What the device counted while nobody listened is not lost: its counter goes on from
            # where it stood then.
            for key, value in statistics.items():
                if key in SOURCES and isinstance(value, int | float):
                    self._follow(key, float(value))

    def resume_above(self, recorded: Mapping[str, float]) -> None:
        """Go on from what was once shown (kWh by key), where that is more than what was stored.

        After a power cut the store is older than the recorder. A counter that follows the device's
        own one takes the difference as counted, or it would be counted twice.
        """
        for key, total in recorded.items():
            if key not in SOURCES:
                continue
            missing = total - self._ledger.counters[key].total
            if missing > 0 and key in self._statistics:
                self._follow(key, self._statistics[key] + missing)
        self._ledger.restore(recorded)

    def stored(self) -> dict[str, dict[str, float]]:
        """Return what has to outlive a restart."""
        return {"totals": self._ledger.totals(), "statistics": dict(self._statistics)}

    def needed(self, key: str, available: Iterable[str]) -> tuple[str, ...]:
        """Return the keys of the readings that a counter is fed with."""
        source = SOURCES[key]
        known = frozenset(available)
        if key == "wallbox_energy":
            statistics = tuple(one for one in _WALLBOX_STATISTICS if one in known)
        else:
            statistics = (source.statistic,) if source.statistic in known else ()
        return statistics or ((source.power,) if source.power in known else ())

    def feed(
        self, readings: Mapping[str, Value], available: Iterable[str], at: float
    ) -> dict[str, Value]:
        """Count what the readings of one answer add; return the counters that they concern.

        `available` are the keys that the system has, `at` seconds on a steady clock.
        """
        known = frozenset(available)
        fed: dict[str, Value] = {}
        for key, source in SOURCES.items():
            needed = self.needed(key, known)
            if not needed or not all(one in readings for one in needed):
                continue
            if needed == (source.power,):
                power = _number(readings[source.power])
                self._statistics.pop(key, None)
                self._ledger.counters[key].integrate(
                    None if power is None else source.sign * power, at
                )
            else:
                values = [_number(readings[one]) for one in needed]
                numbers = [value for value in values if value is not None]
                if len(numbers) == len(values):
                    self._follow(key, sum(numbers), at)
                elif self._ledger.counters[key].total == 0:
                    fed[key] = None  # not yet known: zero now would be a leap at the first value
                    continue
            fed[key] = round(self._ledger.counters[key].total, 3)
        return fed

    def _follow(self, key: str, device_total: float, at: float | None = None) -> None:
        self._statistics[key] = device_total
        self._ledger.counters[key].follow(device_total, at)


def _number(reading: Value) -> float | None:
    if isinstance(reading, bool) or not isinstance(reading, int | float):
        return None
    return float(reading)
