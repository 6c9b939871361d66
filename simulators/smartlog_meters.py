"""Forty meters of a house, as a SmartLog reports them; all numbers are invented."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

type Reading = Callable[[float], int | str]
"""Seconds since the house was built → raw VAL."""

DAY: Final = 86_400
SIZES: Final = (1.0, 1.8, 0.6, 1.3, 0.4, 2.1, 0.9, 1.5, 0.7)
"""How much the flats use beside each other: no two households are alike."""
BUILT: Final = 1_600_000_000


@dataclass(frozen=True, slots=True)
class DataPoint:
    """One data point: its attributes as sent, and its raw value over time."""

    description: str
    unit: str
    scale: str
    read: Reading
    obis: str = ""
    label: str | None = None
    device_time: Callable[[int], int] | None = None

    def node(self, now: int, medium: str) -> dict[str, object]:
        """Return the JSON object of this point; `now` in unix seconds."""
        entry: dict[str, object] = {"T_MUC": str(now), "VAL": str(self.read(now - BUILT))}
        if self.device_time is not None:
            entry = {"T": str(self.device_time(now)), **entry}
        node: dict[str, object] = {
            "DESCRIPTION": self.description,
            "UNIT": self.unit,
            "SCALE": self.scale,
            "MEDIUM": medium,
            "OBIS_ID": self.obis,
        }
        if self.label is not None:
            node["USER"] = self.label
        return {**node, "entry": [entry]}


@dataclass(frozen=True, slots=True)
class SimulatedMeter:
    """One meter; `period` is how often (s) it is heard, 0 with every report."""

    meter_id: str
    manufacturer: str
    medium: str
    interface: str
    points: tuple[DataPoint, ...]
    label: str = ""
    period: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)

    def node(self, now: int) -> dict[str, object]:
        """Return the JSON object of this meter; one that is not heard now has no data."""
        return {
            "METER_ID": self.meter_id,
            "INTERFACE": self.interface,
            "MANUFACTURER": self.manufacturer,
            "MEDIUM": self.medium,
            "USER": self.label,
            "data": [point.node(now, self.medium) for point in self.points],
        }


def counting(start: int, per_day: float) -> Reading:
    """Return a register that only ever grows."""
    return lambda age: start + int(age * per_day / DAY)


def _size(number: int) -> float:
    return SIZES[number % 20 % len(SIZES) - 1]


def swinging(middle: int, swing: int, period: int = 3_600) -> Reading:
    """Return a measurement that goes up and down."""
    return lambda age: middle + round(swing * math.sin(2 * math.pi * age / period))


def constant(value: int | str) -> Reading:
    """Return a value that never changes."""
    return lambda _: value


def _month_ends(now: int) -> int:
    return now - now % (30 * DAY)


def _flags(value: int = 0) -> DataPoint:
    return DataPoint(
        "Error flags (Device type specific)", "Bin", "1", constant(value), "0-0:97.97.0*255", "ERR"
    )


def _special(count: int) -> tuple[DataPoint, ...]:
    return (DataPoint("Special supplier information", "None", "1", constant(0)),) * count


def _three_phase(number: int) -> SimulatedMeter:
    """Return a wired electricity meter: most of its points are the maker's own."""
    energy, power = "Energy (vendor specific)", "Power (vendor specific)"
    volts, ampere = "Volts (vendor specific)", "Ampere (vendor specific)"
    base = 400_000 * number
    phases = (("L1", 32), ("L2", 52), ("L3", 72))
    return SimulatedMeter(
        f"0000810{number}",
        "FIN",
        "Electricity",
        "02",
        (
            *_special(4),
            DataPoint(
                energy,
                "kWh",
                "0.0001",
                counting(base, 120_000 * _size(number)),
                "1-0:1.8.0*255",
                "E_total",
            ),
            DataPoint(
                energy, "kWh", "0.0001", counting(base // 3, 40_000 * _size(number)), label="E_L1"
            ),
            # The installer gave two registers one name.
            DataPoint(
                energy, "kWh", "0.0001", counting(base // 3, 40_000 * _size(number)), label="E_L2"
            ),
            DataPoint(
                energy, "kWh", "0.0001", counting(base // 3, 40_000 * _size(number)), label="E_L2"
            ),
            *_special(8),
            *(
                DataPoint(
                    volts,
                    "V",
                    "0.001",
                    swinging(231_000, 2_500),
                    f"1-0:{code}.7.0*255",
                    f"U_{phase}",
                )
                for phase, code in phases
            ),
            *(
                DataPoint(
                    ampere,
                    "A",
                    "0.001",
                    swinging(2_000, 900),
                    f"1-0:{code - 1}.7.0*255",
                    f"I_{phase}",
                )
                for phase, code in phases
            ),
            DataPoint(power, "W", "0.01", swinging(120_000, 60_000), "1-0:1.7.0*255", "P_total"),
            *(
                DataPoint(power, "W", "0.01", swinging(40_000, 20_000), label=f"P_{phase}")
                for phase, _ in phases
            ),
            *_special(9),
            *(
                DataPoint(energy, "kWh", "0.0001", constant(1_000 * month), f"1-0:1.8.0*{month}")
                for month in range(4)
            ),
        ),
        f"Distribution board {number}",
    )


def _heat(number: int) -> SimulatedMeter:
    """Return a wired heat meter with a history of months."""
    return SimulatedMeter(
        f"4617{number:04}",
        "KAM",
        "Heat (outlet)",
        "02",
        (
            DataPoint("Fabrication", "None", "1", constant(f"4617{number:04}"), "6-0:0.0.0*255"),
            DataPoint(
                "Energy", "kWh", "1", counting(20_000 + number, 30 * _size(number)), "6-0:1.0.0*255"
            ),
            DataPoint(
                "Volume", "m^3", "0.001", counting(900_000, 1_800 * _size(number)), "6-0:2.0.0*255"
            ),
            DataPoint("Power", "W", "100", swinging(40, 30), "6-0:8.0.0*255"),
            DataPoint("Volume flow", "m^3/h", "0.001", swinging(310, 200), "6-0:9.0.0*255"),
            DataPoint(
                "Flow temperature", "Degree C", "0.01", swinging(5_400, 700), "6-0:10.0.0*255"
            ),
            DataPoint(
                "Return temperature", "Degree C", "0.01", swinging(3_300, 300), "6-0:11.0.0*255"
            ),
            DataPoint(
                "Temperature difference", "K", "0.01", swinging(2_100, 400), "6-0:12.0.0*255"
            ),
            DataPoint("Operating time", "h", "1", counting(8_000, 24), "6-0:31.0.0*255"),
            *(
                DataPoint(
                    "Energy",
                    "kWh",
                    "1",
                    constant(19_000 - 100 * month),
                    f"6-0:1.2.0*{month}",
                    device_time=_month_ends,
                )
                for month in range(3)
            ),
            _flags(),
        ),
        f"Flat {number} heat",
    )


def _water(number: int, medium: str, per_day: float, label: str) -> SimulatedMeter:
    return SimulatedMeter(
        f"0300{number:04}",
        "BMT",
        medium,
        "05",
        (
            DataPoint(
                "Volume",
                "m^3",
                "0.001",
                counting(80_000 + 3 * number, per_day * _size(number)),
                "8-1:1.0.0*255",
            ),
            DataPoint(
                "Volume", "m^3", "0.01", constant(7_000), "8-1:1.2.0*0", device_time=_month_ends
            ),
            _flags(),
        ),
        label,
        # Some radio meters are heard once a day only.
        period=DAY if number % 6 == 0 else 0,
    )


def _allocator(number: int) -> SimulatedMeter:
    history = tuple(
        DataPoint("Units for H. C. A.", "", "1", constant(20 * month)) for month in range(6)
    )
    return SimulatedMeter(
        f"6090{number:04}",
        "QDS",
        "Heat cost allocator",
        "05",
        (
            DataPoint(
                "Units for H. C. A.",
                "",
                "1",
                counting(60 + number, 6 * _size(number)),
                "4-1:1.0.0*255",
            ),
            DataPoint("Units for H. C. A.", "", "1", constant(280), "4-1:1.2.0*0"),
            *history,
            _flags(2 if number == 3 else 0),
        ),
        f"Radiator {number} Küche",
    )


def _others() -> tuple[SimulatedMeter, ...]:
    room = tuple(
        SimulatedMeter(
            f"0000002{number}",
            "WEP",
            "Room sensor",
            "05",
            (
                DataPoint("External temperature", "Degree C", "0.1", swinging(215, 20)),
                DataPoint("Relative humidity", "%", "0.1", swinging(480, 90)),
                _flags(),
            ),
            f"Room {number}",
        )
        for number in (4, 5)
    )
    smoke = tuple(
        SimulatedMeter(
            f"1653100{number}",
            "SON",
            "Smoke detector",
            "05",
            (DataPoint("Smoke alarm", "Bin", "1", constant(0)), _flags()),
            f"Smoke detector {number}",
        )
        for number in (1, 2)
    )
    gas = SimulatedMeter(
        "12082001",
        "LGB",
        "Gas",
        "02",
        (DataPoint("Volume", "m^3", "0.01", counting(1_083_400, 350), "7-0:3.0.0*255"),),
        "Boiler",
    )
    pulse = SimulatedMeter(
        "00351701",
        "",
        "Electricity",
        "01",
        (
            DataPoint(
                "Stand 2026 = 154 kWh",
                "kWh",
                "0.0005",
                counting(309_840, 9_000),
                "1-0:1.8.0*0",
                "Lift",
            ),
        ),
        "Lift",
    )
    system = SimulatedMeter(
        "00000001",
        "",
        "System",
        "00",
        (
            DataPoint("Uptime", "s", "1", lambda age: int(age) % (90 * DAY)),
            DataPoint("Temperature", "Degree C", "0.1", swinging(412, 15)),
            DataPoint("Supply voltage", "V", "0.01", swinging(2_405, 6)),
            DataPoint("Memory usage", "%", "1", swinging(43, 4)),
        ),
    )
    return (*room, *smoke, gas, pulse, system)


def forty_meters() -> tuple[SimulatedMeter, ...]:
    """Return the meters of the house."""
    return (
        *(_three_phase(number) for number in range(1, 4)),
        *(_heat(number) for number in range(1, 7)),
        *(_water(number, "Cold water", 120, f"Flat {number} cold") for number in range(1, 10)),
        *(_water(number, "Warm water", 60, f"Flat {number - 20} warm") for number in range(21, 30)),
        *(_allocator(number) for number in range(1, 7)),
        *_others(),
    )
