"""M-Bus device types and manufacturers (EN 13757-3 table of media; FLAG association codes)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ...common.slug import slug


class DeviceType(StrEnum):
    """What a meter measures. Values are slugs, used as translation keys."""

    OTHER = "other"
    OIL = "oil"
    ELECTRICITY = "electricity"
    GAS = "gas"
    HEAT = "heat"
    STEAM = "steam"
    WARM_WATER = "warm_water"
    WATER = "water"
    HEAT_COST_ALLOCATOR = "heat_cost_allocator"
    COMPRESSED_AIR = "compressed_air"
    COOLING = "cooling"
    HEAT_COOLING = "heat_cooling"
    SYSTEM = "system"
    UNKNOWN = "unknown"
    IRRIGATION_WATER = "irrigation_water"
    WATER_LOGGER = "water_logger"
    GAS_LOGGER = "gas_logger"
    GAS_CONVERTER = "gas_converter"
    CALORIFIC_VALUE = "calorific_value"
    HOT_WATER = "hot_water"
    COLD_WATER = "cold_water"
    DUAL_WATER = "dual_water"
    PRESSURE = "pressure"
    AD_CONVERTER = "ad_converter"
    SMOKE_DETECTOR = "smoke_detector"
    ROOM_SENSOR = "room_sensor"
    GAS_DETECTOR = "gas_detector"
    BREAKER = "breaker"
    VALVE = "valve"
    CUSTOMER_UNIT = "customer_unit"
    WASTE_WATER = "waste_water"
    GARBAGE = "garbage"
    SERVICE_UNIT = "service_unit"
    RADIO_CONVERTER = "radio_converter"


WATER_TYPES = frozenset(
    {
        DeviceType.WARM_WATER,
        DeviceType.WATER,
        DeviceType.IRRIGATION_WATER,
        DeviceType.WATER_LOGGER,
        DeviceType.HOT_WATER,
        DeviceType.COLD_WATER,
        DeviceType.DUAL_WATER,
        DeviceType.WASTE_WATER,
    }
)
GAS_TYPES = frozenset({DeviceType.GAS, DeviceType.GAS_LOGGER, DeviceType.GAS_CONVERTER})

_T = DeviceType
_CODES: Mapping[int, DeviceType] = MappingProxyType(
    {
        0x00: _T.OTHER, 0x01: _T.OIL, 0x02: _T.ELECTRICITY, 0x03: _T.GAS, 0x04: _T.HEAT,
        0x05: _T.STEAM, 0x06: _T.WARM_WATER, 0x07: _T.WATER, 0x08: _T.HEAT_COST_ALLOCATOR,
        0x09: _T.COMPRESSED_AIR, 0x0A: _T.COOLING, 0x0B: _T.COOLING, 0x0C: _T.HEAT,
        0x0D: _T.HEAT_COOLING, 0x0E: _T.SYSTEM, 0x0F: _T.UNKNOWN, 0x10: _T.IRRIGATION_WATER,
        0x11: _T.WATER_LOGGER, 0x12: _T.GAS_LOGGER, 0x13: _T.GAS_CONVERTER,
        0x14: _T.CALORIFIC_VALUE, 0x15: _T.HOT_WATER, 0x16: _T.COLD_WATER, 0x17: _T.DUAL_WATER,
        0x18: _T.PRESSURE, 0x19: _T.AD_CONVERTER, 0x1A: _T.SMOKE_DETECTOR, 0x1B: _T.ROOM_SENSOR,
        0x1C: _T.GAS_DETECTOR, 0x20: _T.BREAKER, 0x21: _T.VALVE, 0x25: _T.CUSTOMER_UNIT,
        0x28: _T.WASTE_WATER, 0x29: _T.GARBAGE, 0x30: _T.SERVICE_UNIT, 0x36: _T.RADIO_CONVERTER,
        0x37: _T.RADIO_CONVERTER,
    }
)  # fmt: skip

_NAMES: Mapping[str, DeviceType] = MappingProxyType(
    {
        "other": _T.OTHER, "sonstiges": _T.OTHER, "andere": _T.OTHER,
        "oil": _T.OIL, "ol": _T.OIL, "oel": _T.OIL, "other fuel": _T.OIL,
        "electricity": _T.ELECTRICITY, "strom": _T.ELECTRICITY, "elektrizitat": _T.ELECTRICITY,
        "electricity meter": _T.ELECTRICITY, "power": _T.ELECTRICITY,
        "gas": _T.GAS, "gas meter": _T.GAS,
        "heat": _T.HEAT, "heat outlet": _T.HEAT, "heat inlet": _T.HEAT, "heat meter": _T.HEAT,
        "heat volume measured at outlet temperature": _T.HEAT,
        "heat volume measured at inlet temperature": _T.HEAT,
        "heat volume measured at return temperature outlet": _T.HEAT,
        "heat volume measured at flow temperature inlet": _T.HEAT,
        "warme": _T.HEAT, "waerme": _T.HEAT, "warmezahler": _T.HEAT,
        "steam": _T.STEAM, "dampf": _T.STEAM,
        "warm water": _T.WARM_WATER, "warm water 30 90 c": _T.WARM_WATER,
        "warm water 30 c 90 c": _T.WARM_WATER, "warmwasser": _T.WARM_WATER,
        "water": _T.WATER, "wasser": _T.WATER, "water meter": _T.WATER,
        "heat cost allocator": _T.HEAT_COST_ALLOCATOR, "hca": _T.HEAT_COST_ALLOCATOR,
        "heat cost allocation": _T.HEAT_COST_ALLOCATOR,
        "heizkostenverteiler": _T.HEAT_COST_ALLOCATOR, "hkv": _T.HEAT_COST_ALLOCATOR,
        "compressed air": _T.COMPRESSED_AIR, "druckluft": _T.COMPRESSED_AIR,
        "cooling": _T.COOLING, "cooling outlet": _T.COOLING, "cooling inlet": _T.COOLING,
        "cooling load meter": _T.COOLING, "cooling load": _T.COOLING, "kalte": _T.COOLING,
        "kaelte": _T.COOLING, "cold": _T.COOLING,
        "cooling load meter volume measured at return temperature outlet": _T.COOLING,
        "cooling load meter volume measured at flow temperature inlet": _T.COOLING,
        "heat cooling": _T.HEAT_COOLING, "heat cooling load": _T.HEAT_COOLING,
        "heat cooling load meter": _T.HEAT_COOLING, "heating cooling": _T.HEAT_COOLING,
        "warme kalte": _T.HEAT_COOLING,
        "bus": _T.SYSTEM, "system": _T.SYSTEM, "bus system": _T.SYSTEM,
        "bus system component": _T.SYSTEM,
        "unknown": _T.UNKNOWN, "unknown medium": _T.UNKNOWN, "unbekannt": _T.UNKNOWN,
        "irrigation water": _T.IRRIGATION_WATER, "water logger": _T.WATER_LOGGER,
        "water data logger": _T.WATER_LOGGER, "gas logger": _T.GAS_LOGGER,
        "gas data logger": _T.GAS_LOGGER, "gas converter": _T.GAS_CONVERTER,
        "calorific value": _T.CALORIFIC_VALUE,
        "hot water": _T.HOT_WATER, "hot water 90 c": _T.HOT_WATER, "heisswasser": _T.HOT_WATER,
        "cold water": _T.COLD_WATER, "kaltwasser": _T.COLD_WATER,
        "dual register water": _T.DUAL_WATER, "dual register hot cold water": _T.DUAL_WATER,
        "dual register hot cold water meter": _T.DUAL_WATER, "dual water": _T.DUAL_WATER,
        "pressure": _T.PRESSURE, "druck": _T.PRESSURE,
        "a d converter": _T.AD_CONVERTER, "ad converter": _T.AD_CONVERTER,
        "smoke detector": _T.SMOKE_DETECTOR, "rauchmelder": _T.SMOKE_DETECTOR,
        "rauchwarnmelder": _T.SMOKE_DETECTOR,
        "room sensor": _T.ROOM_SENSOR, "room sensor temperature humidity": _T.ROOM_SENSOR,
        "raumfuhler": _T.ROOM_SENSOR, "raumsensor": _T.ROOM_SENSOR,
        "gas detector": _T.GAS_DETECTOR, "gasmelder": _T.GAS_DETECTOR,
        "breaker": _T.BREAKER, "breaker electricity": _T.BREAKER,
        "valve": _T.VALVE, "valve gas or water": _T.VALVE, "customer unit": _T.CUSTOMER_UNIT,
        "customer unit display device": _T.CUSTOMER_UNIT,
        "waste water": _T.WASTE_WATER, "abwasser": _T.WASTE_WATER,
        "garbage": _T.GARBAGE, "waste": _T.GARBAGE, "service unit": _T.SERVICE_UNIT,
        "service tool": _T.SERVICE_UNIT,
        "radio converter": _T.RADIO_CONVERTER, "radio converter system side": _T.RADIO_CONVERTER,
        "radio converter meter side": _T.RADIO_CONVERTER,
    }
)  # fmt: skip

MANUFACTURERS: Mapping[str, str] = MappingProxyType(
    {
        "ABB": "ABB", "ACW": "Itron", "AMT": "Aquametro", "APA": "Apator", "APT": "Apator Powogaz",
        "BMT": "BMeters", "DME": "Diehl Metering", "DWZ": "Lorenz", "EFE": "Engelmann",
        "EFN": "EFR", "ELS": "Elster", "ELV": "ELVACO", "EMH": "EMH metering", "EMU": "EMU",
        "ESY": "EasyMeter", "FIN": "Finder", "GAV": "Carlo Gavazzi", "GMC": "Gossen Metrawatt",
        "GWF": "GWF", "HYD": "Diehl Metering (Hydrometer)", "INE": "INNOTAS", "ISK": "Iskraemeco",
        "IST": "ista", "ITR": "Itron", "ITW": "Itron", "KAM": "Kamstrup", "KAW": "Kamstrup",
        "LAS": "Lansen", "LGB": "Landis+Gyr", "LGZ": "Landis+Gyr", "LUG": "Landis+Gyr",
        "LSE": "Landis+Staefa", "MAD": "Maddalena", "MIN": "Minol", "NZR": "NZR", "QDS": "Qundis",
        "REL": "Relay", "SAP": "Sappel", "SBC": "Saia-Burgess", "SCH": "Schneider Electric",
        "SEN": "Sensus", "SIE": "Siemens", "SLB": "Schlumberger", "SON": "Sontex",
        "SPX": "Sensus", "TCH": "Techem", "WEP": "Weptech", "WZG": "Wehrle", "ZRI": "Zenner",
        "ZRM": "Minol Zenner",
    }
)  # fmt: skip


def device_type(text: str) -> DeviceType:
    """Return the type that a logger names in words or by its number; UNKNOWN if neither."""
    if text.isascii() and text.isdigit():
        # Decimal or hexadecimal, the codes up to 09 read the same.
        return _CODES.get(int(text) if len(text) < 4 else -1, DeviceType.UNKNOWN)
    if text[:2].casefold() == "0x":
        try:
            return _CODES.get(int(text, 16), DeviceType.UNKNOWN)
        except ValueError:
            return DeviceType.UNKNOWN
    words = slug(text).replace("_", " ")
    return _NAMES.get(words) or _NAMES.get(words.removesuffix(" meter"), DeviceType.UNKNOWN)


# Types that are more exact words for another: no contradiction, either way.
_KINDRED = (
    frozenset({DeviceType.HEAT, DeviceType.HEAT_COOLING}),
    frozenset({DeviceType.COOLING, DeviceType.HEAT_COOLING}),
    frozenset({DeviceType.WARM_WATER, DeviceType.HOT_WATER, DeviceType.WATER, DeviceType.DUAL_WATER}),
    frozenset({DeviceType.COLD_WATER, DeviceType.WATER, DeviceType.DUAL_WATER}),
    frozenset({DeviceType.WATER, DeviceType.WATER_LOGGER, DeviceType.IRRIGATION_WATER,
               DeviceType.WASTE_WATER}),
    GAS_TYPES,
)  # fmt: skip
_SAYS_LITTLE = frozenset(
    {DeviceType.UNKNOWN, DeviceType.OTHER, DeviceType.SYSTEM, DeviceType.RADIO_CONVERTER,
     DeviceType.AD_CONVERTER}
)  # fmt: skip


OPPOSITES = (
    {DeviceType.HEAT, DeviceType.COOLING},
    {DeviceType.WARM_WATER, DeviceType.COLD_WATER},
    {DeviceType.HOT_WATER, DeviceType.COLD_WATER},
)
"""Types that meters have who share a number because they are two halves of one."""


def contradicts(one: DeviceType, other: DeviceType) -> bool:
    """Return whether two types cannot be those of one meter: heat and cooling, water and gas."""
    if one is other or one in _SAYS_LITTLE or other in _SAYS_LITTLE:
        return False
    return not any(one in kindred and other in kindred for kindred in _KINDRED)


def manufacturer_name(code: str) -> str:
    """Return the name behind a three-letter code, the code itself if it is not a known one."""
    return MANUFACTURERS.get(code.upper(), code)
