"""A day that moves the values of an ESS home (see `victron_home_values`)."""

import math
import random
import struct
from typing import NamedTuple

from .victron_home_values import CAPACITY, Address, Json


def float32(value: float) -> float:
    """Return a number with the noise that 32 bits give it: 57.07 is 57.0699996948."""
    single: float = struct.unpack("f", struct.pack("f", value))[0]
    return single


class Flows(NamedTuple):
    """The powers of one moment (W): produced, used, into the battery, from the grid."""

    south: float
    west: float
    inverter: float
    load: float
    battery: float
    grid: float


class Day:
    """Moves the values of the home through a day, one second at a time."""

    def __init__(self, seed: int = 1, soc: float = 60.0) -> None:
        """Begin with the battery at a state of charge (%)."""
        self._random = random.Random(seed)
        self.soc = soc
        self._energy = {
            "import": 5_276.4,
            "export": 8_742.1,
            "pv": 12_239.9,
            "vebus": 0.0,
            "yield": 0.0,
        }

    def step(self, clock: float, seconds: float) -> dict[Address, Json]:
        """Return the values that changed in the `seconds` that end at a time of day (s)."""
        sun = max(0.0, math.sin((clock / 86_400 - 0.25) * 2 * math.pi))
        noise = self._random.uniform
        south, west = (peak * sun * noise(0.97, 1.0) for peak in (3_200, 2_100))
        inverter = 4_600 * sun * noise(0.97, 1.0)
        evening = 900 * math.exp(-(((clock / 3_600 - 19) / 2.5) ** 2))
        load = 380 + evening + noise(-25, 25)
        surplus = south + west + inverter - load
        battery = min(max(surplus, -4_000.0), 5_000.0)
        if (battery > 0 and self.soc >= 100) or (battery < 0 and self.soc <= 10):
            battery = 0.0
        grid = battery - surplus + noise(-15, 15)
        flows = Flows(south, west, inverter, load, battery, grid)
        self._count(flows, seconds)
        return self._values(flows)

    def _count(self, flows: Flows, seconds: float) -> None:
        hours = seconds / 3_600_000
        self.soc = min(100.0, max(0.0, self.soc + flows.battery * hours / CAPACITY * 100))
        self._energy["import"] += max(flows.grid, 0) * hours
        self._energy["export"] += max(-flows.grid, 0) * hours
        self._energy["pv"] += flows.inverter * hours
        self._energy["vebus"] += abs(flows.battery) * hours
        self._energy["yield"] += (flows.south + flows.west) * hours

    def _values(self, flows: Flows) -> dict[Address, Json]:
        south, west, inverter, load, battery, grid = flows
        voltage = 49.5 + self.soc * 0.045 + battery / 8_000
        through_multi = battery - south - west
        shares = (0.45, 0.35, 0.20)
        flow = 1 if battery > 30 else 2 if battery < -30 else 0
        values: dict[Address, Json] = {
            ("battery", "512", "Dc/0/Voltage"): float32(round(voltage, 2)),
            ("battery", "512", "Dc/0/Current"): float32(round(battery / voltage, 1)),
            ("battery", "512", "Dc/0/Power"): float32(round(battery)),
            ("battery", "512", "Soc"): round(self.soc, 0),
            ("system", "0", "Dc/Battery/Voltage"): float32(round(voltage, 2)),
            ("system", "0", "Dc/Battery/Current"): float32(round(battery / voltage, 1)),
            ("system", "0", "Dc/Battery/Power"): float32(round(battery)),
            ("system", "0", "Dc/Battery/Soc"): round(self.soc, 0),
            ("system", "0", "Dc/Battery/State"): flow,
            ("system", "0", "Dc/Pv/Power"): float32(south + west),
            ("system", "0", "Dc/Pv/Current"): float32((south + west) / voltage),
            ("system", "0", "Dc/Vebus/Power"): float32(through_multi),
            ("vebus", "276", "Dc/0/Voltage"): float32(round(voltage, 2)),
            ("vebus", "276", "Dc/0/Power"): round(through_multi),
            ("vebus", "276", "Dc/0/Current"): float32(round(through_multi / voltage, 1)),
            ("vebus", "276", "Ac/ActiveIn/P"): round(through_multi + load / 2),
            ("vebus", "276", "Ac/Out/P"): round(load / 2),
            ("vebus", "276", "Energy/InverterToAcOut"): float32(round(self._energy["vebus"], 2)),
            ("grid", "30", "Ac/Power"): round(grid, 1),
            ("grid", "30", "Ac/Energy/Forward"): round(self._energy["import"], 1),
            ("grid", "30", "Ac/Energy/Reverse"): round(self._energy["export"], 1),
            ("pvinverter", "20", "Ac/Power"): round(inverter, 1),
            ("pvinverter", "20", "Ac/Energy/Forward"): round(self._energy["pv"], 2),
        }
        for number, power in (("278", south), ("279", west)):
            charger = ("solarcharger", number)
            values |= {
                (*charger, "Yield/Power"): float32(round(power)),
                (*charger, "Pv/V"): float32(round(120 + power / 60, 2)),
                (*charger, "Pv/I"): float32(round(power / (120 + power / 60), 1)),
                (*charger, "Dc/0/Voltage"): float32(round(voltage + 0.1, 2)),
                (*charger, "Dc/0/Current"): float32(round(power / voltage, 1)),
                (*charger, "Yield/System"): float32(round(4_812.31 + self._energy["yield"] / 2, 2)),
                (*charger, "History/Daily/0/Yield"): float32(round(self._energy["yield"] / 2, 2)),
                (*charger, "State"): 252 if power > 5 else 0,
            }
        for phase, share in zip(("L1", "L2", "L3"), shares, strict=True):
            mains = round(231.5 + self._random.uniform(-0.6, 0.6), 1)
            values |= {
                ("system", "0", f"Ac/Consumption/{phase}/Power"): float32(load * share),
                ("system", "0", f"Ac/Grid/{phase}/Power"): float32(grid * share),
                ("system", "0", f"Ac/PvOnGrid/{phase}/Power"): float32(inverter / 3),
                ("grid", "30", f"Ac/{phase}/Power"): round(grid * share, 1),
                ("grid", "30", f"Ac/{phase}/Voltage"): mains,
                ("grid", "30", f"Ac/{phase}/Current"): round(grid * share / mains, 2),
                ("pvinverter", "20", f"Ac/{phase}/Power"): round(inverter / 3, 1),
                ("vebus", "276", f"Ac/ActiveIn/{phase}/V"): float32(mains),
                ("vebus", "276", f"Ac/ActiveIn/{phase}/P"): round(through_multi * share),
                ("vebus", "276", f"Ac/Out/{phase}/V"): float32(mains),
                ("vebus", "276", f"Ac/Out/{phase}/P"): round(load * share / 2),
            }
        return values
