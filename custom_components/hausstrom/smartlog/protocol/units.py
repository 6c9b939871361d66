"""Units as M-Bus software writes them, and as Home Assistant knows them."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple


class Group(StrEnum):
    """What a unit measures."""

    ENERGY = "energy"
    POWER = "power"
    VOLUME = "volume"
    VOLUME_FLOW = "volume_flow"
    TEMPERATURE = "temperature"
    TEMPERATURE_DELTA = "temperature_delta"
    PERCENT = "percent"
    HUMIDITY = "humidity"
    VOLTAGE = "voltage"
    CURRENT = "current"
    FREQUENCY = "frequency"
    REACTIVE_POWER = "reactive_power"
    REACTIVE_ENERGY = "reactive_energy"
    APPARENT_POWER = "apparent_power"
    APPARENT_ENERGY = "apparent_energy"
    PRESSURE = "pressure"
    MASS = "mass"
    MASS_FLOW = "mass_flow"
    DURATION = "duration"
    SIGNAL = "signal"
    CONCENTRATION = "concentration"
    ILLUMINANCE = "illuminance"
    HCA = "hca"
    TIME_POINT = "time_point"
    BITS = "bits"
    NONE = "none"
    UNKNOWN = "unknown"


class Unit(NamedTuple):
    """A unit of Home Assistant (None: no unit) and the factor that leads to it."""

    group: Group
    symbol: str | None
    factor: Fraction | None = None


_G = Group
_PER_HOUR = Fraction(1, 3600)


def _same(group: Group, *symbols: str) -> dict[str, Unit]:
    return {symbol.casefold(): Unit(group, symbol) for symbol in symbols}


# "mW" and "MW" differ by case only: such units stand in the second table.
_UNITS: Mapping[str, Unit] = MappingProxyType(
    _same(_G.ENERGY, "Wh", "kWh", "MWh", "GWh", "J", "kJ", "MJ", "GJ")
    | _same(_G.POWER, "W", "kW", "MW")
    | {
        "j/h": Unit(_G.POWER, "W", _PER_HOUR),
        "kj/h": Unit(_G.POWER, "W", _PER_HOUR * 1_000),
        "mj/h": Unit(_G.POWER, "W", _PER_HOUR * 1_000_000),
        "gj/h": Unit(_G.POWER, "W", _PER_HOUR * 1_000_000_000),
    }
    | dict.fromkeys(("m^3", "m3", "m³", "cbm"), Unit(_G.VOLUME, "m³"))
    | dict.fromkeys(("l", "ltr", "liter", "litre"), Unit(_G.VOLUME, "L"))
    | {"ml": Unit(_G.VOLUME, "mL")}
    | dict.fromkeys(("m^3/h", "m3/h", "m³/h", "cbm/h"), Unit(_G.VOLUME_FLOW, "m³/h"))
    | dict.fromkeys(("m^3/min", "m3/min", "m³/min"), Unit(_G.VOLUME_FLOW, "m³/min"))
    | dict.fromkeys(("m^3/s", "m3/s", "m³/s"), Unit(_G.VOLUME_FLOW, "m³/s"))
    | {f"{litre}/{time}": Unit(_G.VOLUME_FLOW, f"L/{time}") for litre in ("l", "ltr") for time in ("h", "min", "s")}
    | dict.fromkeys(
        ("degree c", "degrees c", "degc", "deg c", "°c", "℃", "c", "celsius", "grad c", "degree celsius"),
        Unit(_G.TEMPERATURE, "°C"),
    )
    | dict.fromkeys(("°f", "degree f", "degf", "deg f"), Unit(_G.TEMPERATURE, "°F"))
    | dict.fromkeys(("k", "kelvin"), Unit(_G.TEMPERATURE_DELTA, "K"))
    | _same(_G.VOLTAGE, "V", "mV", "kV")
    | dict.fromkeys(("volt", "volts"), Unit(_G.VOLTAGE, "V"))
    | _same(_G.CURRENT, "A", "mA")
    | dict.fromkeys(("ampere", "amperes"), Unit(_G.CURRENT, "A"))
    | _same(_G.FREQUENCY, "Hz")
    | _same(_G.REACTIVE_POWER, "var", "kvar")
    | _same(_G.REACTIVE_ENERGY, "varh", "kvarh")
    | _same(_G.APPARENT_POWER, "VA", "kVA")
    | _same(_G.APPARENT_ENERGY, "VAh", "kVAh")
    | _same(_G.PRESSURE, "bar", "mbar", "hPa", "kPa", "Pa")
    | {"%": Unit(_G.PERCENT, "%")}
    | dict.fromkeys(("%rh", "% rh", "rel. hum.", "%r.h.", "rh%", "% r.h."), Unit(_G.HUMIDITY, "%"))
    | _same(_G.MASS, "kg", "g")
    | {"t": Unit(_G.MASS, "kg", Fraction(1000))}
    | _same(_G.MASS_FLOW, "kg/h", "t/h")
    | dict.fromkeys(("s", "sec", "second", "second(s)", "seconds"), Unit(_G.DURATION, "s"))
    | dict.fromkeys(("min", "minute", "minute(s)", "minutes"), Unit(_G.DURATION, "min"))
    | dict.fromkeys(("h", "hour", "hour(s)", "hours", "std"), Unit(_G.DURATION, "h"))
    | dict.fromkeys(("d", "day", "day(s)", "days", "tage"), Unit(_G.DURATION, "d"))
    | _same(_G.SIGNAL, "dBm", "dB")
    | _same(_G.CONCENTRATION, "ppm")
    | dict.fromkeys(("lx", "lux"), Unit(_G.ILLUMINANCE, "lx"))
    | dict.fromkeys(
        ("units for h.c.a.", "units for h. c. a.", "units for hca", "h.c.a.", "h. c. a.", "hca", "hca units"),
        Unit(_G.HCA, "HCA"),
    )
    | {"utc": Unit(_G.TIME_POINT, None), "bin": Unit(_G.BITS, None)}
    | dict.fromkeys(("", "-", "none"), Unit(_G.NONE, None))
)  # fmt: skip

_BY_CASE: Mapping[str, Unit] = MappingProxyType(
    {
        "mW": Unit(_G.POWER, "mW"),
        "mWh": Unit(_G.ENERGY, "mWh"),
        "MV": Unit(_G.VOLTAGE, "MV"),
        # "mJ" would be read as the megajoule that heat meters use.
        "mJ": Unit(_G.UNKNOWN, "mJ"),
        "MA": Unit(_G.UNKNOWN, "MA"),
    }
)

# Baud, bit times and currencies are known, but have no unit in Home Assistant.
_PASSED_ON = frozenset({"baud", "bittimes", "currency units", "reserved", "month", "months", "month(s)", "year",
                        "years", "year(s)"})  # fmt: skip


def normalise(raw: str) -> Unit:
    """Return the unit behind a text; one that is not known keeps its text."""
    text = " ".join(raw.split())
    return _BY_CASE.get(text) or _UNITS.get(text.casefold()) or Unit(Group.UNKNOWN, text)


def is_known(raw: str) -> bool:
    """Return whether the tables know this unit; the others are listed in diagnostics."""
    return normalise(raw).group is not Group.UNKNOWN or raw.strip().casefold() in _PASSED_ON


# Of the same group, how much of its main unit each is: kWh, kW, m³, m³/h, V, A, kvarh, bar.
_SIZES: Mapping[str, Fraction] = MappingProxyType(
    {
        "mWh": Fraction(1, 10**6), "Wh": Fraction(1, 1000), "kWh": Fraction(1),
        "MWh": Fraction(1000), "GWh": Fraction(10**6),
        "J": Fraction(1, 3_600_000), "kJ": Fraction(1, 3600), "MJ": Fraction(10, 36),
        "GJ": Fraction(10_000, 36),
        "mW": Fraction(1, 10**6), "W": Fraction(1, 1000), "kW": Fraction(1), "MW": Fraction(1000),
        "mL": Fraction(1, 10**6), "L": Fraction(1, 1000), "m³": Fraction(1),
        "L/h": Fraction(1, 1000), "m³/h": Fraction(1), "L/min": Fraction(60, 1000),
        "m³/min": Fraction(60), "L/s": Fraction(3600, 1000), "m³/s": Fraction(3600),
        "mV": Fraction(1, 1000), "V": Fraction(1), "kV": Fraction(1000), "MV": Fraction(10**6),
        "mA": Fraction(1, 1000), "A": Fraction(1),
        "var": Fraction(1, 1000), "kvar": Fraction(1), "varh": Fraction(1, 1000),
        "kvarh": Fraction(1), "VA": Fraction(1, 1000), "kVA": Fraction(1),
        "VAh": Fraction(1, 1000), "kVAh": Fraction(1),
        "bar": Fraction(1), "mbar": Fraction(1, 1000), "hPa": Fraction(1, 1000),
        "kPa": Fraction(1, 100), "Pa": Fraction(1, 100_000),
        "g": Fraction(1, 1000), "kg": Fraction(1),
        "s": Fraction(1, 3600), "min": Fraction(1, 60), "h": Fraction(1), "d": Fraction(24),
    }
)  # fmt: skip


def size_of(symbol: str | None) -> Fraction:
    """Return how many kWh, m³ … one of this unit is; 1 where it has no relatives."""
    return _SIZES.get(symbol or "", Fraction(1))


def conversion(source: str | None, target: str | None) -> Fraction | None:
    """Return the factor from one unit to another of its group, None where it is 1."""
    if source == target:
        return None
    factor = size_of(source) / size_of(target)
    return None if factor == 1 else factor
