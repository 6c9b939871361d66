"""A building on the dashboard: what each meter measures, by which register, of which unit."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from ..common.pattern import LatePattern
from ..const import DOMAIN
from ..coordinator import HausstromConfigEntry
from .protocol.calendar import shown_date
from .protocol.mbus import DeviceType
from .protocol.meter import Meter
from .protocol.point import KnownPoint

_MEDIA: Final[Mapping[DeviceType, str]] = {
    DeviceType.COLD_WATER: "cold",
    DeviceType.WATER: "cold",
    DeviceType.DUAL_WATER: "cold",
    DeviceType.WARM_WATER: "warm",
    DeviceType.HOT_WATER: "warm",
    DeviceType.HEAT: "heat",
    DeviceType.HEAT_COOLING: "heat",
    DeviceType.COOLING: "cooling",
    DeviceType.ELECTRICITY: "electricity",
    DeviceType.GAS: "gas",
    DeviceType.HEAT_COST_ALLOCATOR: "heat_cost",
}
"""The column that a type of meters stands in."""
_BY_CLASS: Final[Mapping[str | None, str]] = {
    "gas": "gas",
    "water": "cold",
    "energy": "electricity",
}
"""The column of a meter whose type says nothing, by the device class of its register."""

_WORDS: Final = LatePattern(
    r"(^|[\s,;:./_()-])(cold|warm|hot|heat(ing)?|water|electricity|power|gas|cooling|meter|kalt"
    r"|(kalt|warm)?wasser(zähler)?|wärme(mengen)?(zähler)?|heizung|hkv|wmz|kw|ww|strom(zähler)?"
    r"|kälte|zähler|acqua|fredda|calda|calore|riscaldamento|elettricità|contatore|apă|rece|caldă"
    r"|căldură|electricitate|gaz|contor)(?=$|[\s,;:./_()-])",
    re.IGNORECASE,
)
_EDGES: Final = " \t,;:./_-"


def unit_of(label: str) -> str:
    """Return what a label names beside the medium: "Top 1 Kaltwasser" is of "Top 1"."""
    # Twice: two words in a row share the space between them.
    rest = _WORDS().sub(r"\1", _WORDS().sub(r"\1", label))
    rest = re.sub(r"\(\s*\)", "", rest).strip(_EDGES)
    return re.sub(r"\s{2,}", " ", rest) or label


@callback
def rows_of(
    hass: HomeAssistant,
    entry: HausstromConfigEntry,
    meters: Iterable[Meter],
    identifier: Callable[[str], str],
) -> list[JsonObjectType]:
    """Return a row per meter whose billed register is shown.

    Row: `entity` of the register, `medium` (column), `unit` (flat, shop), `name` and `number` of
    the meter, `heard` (ms, None: never), and where the meter keeps one `billing`: `date`
    (ISO 8601), `value`, `unit` of its last billing date. `identifier` gives a meter's device.
    """
    devices, entities = dr.async_get(hass), er.async_get(hass)
    rows: list[JsonObjectType] = []
    for meter in meters:
        point = meter.billed
        if point is None or meter.is_system:
            continue
        entity = entities.async_get(
            entities.async_get_entity_id(
                Platform.SENSOR, DOMAIN, f"{entry.unique_id}_{meter.uid}_{point.key}"
            )
            or ""
        )
        device = devices.async_get_device_by_identifier(
            (DOMAIN, identifier(meter.uid)), entry.entry_id
        )
        medium = _MEDIA.get(meter.type) or _BY_CLASS.get(point.traits.device_class)
        if device is None or entity is None or entity.hidden or entity.disabled or not medium:
            continue
        name = device.name_by_user or device.name or meter.name
        rows.append(
            {
                "entity": entity.entity_id,
                "medium": medium,
                "unit": unit_of(name),
                "name": name,
                "number": meter.id,
                "heard": meter.rhythm.last * 1000 or None,
                "billing": _billing(meter, point),
            }
        )
    return rows


def _billing(meter: Meter, register: KnownPoint) -> JsonObjectType | None:
    """Return what a meter showed at its last billing date, None where it keeps none."""
    dates = {
        point.date: point
        for point in meter.points.values()
        if point.historic and point.date and point.group is register.group
    }
    last = dates.get(max(dates, default=0))
    if last is None or not isinstance(last.value, int | float):
        return None
    return {
        "date": shown_date(last.date or 0, dt_util.get_default_time_zone())[:10],
        "value": last.value,
        "unit": last.unit,
    }
