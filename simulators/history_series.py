"""Which sensors of a running Home Assistant get a history, and from which model."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .history import COUNTERS, GX_COUNTERS, GX_POWERS, POWERS, Power, Series, meter_powers
from .home_assistant_client import HomeAssistantClient
from .smartlog_meters import BUILT, DAY, forty_meters

_OF_THE_HOME: Final = re.compile(
    r"(?P<kind>evn|senec|victron)_(?:cloud_)?[0-9A-Za-z]+_(?P<key>[a-z_0-9]+)"
)
_OF_A_METER: Final = re.compile(r"smartlog_[^_]+_(?P<meter>[^_]+)_(?P<obis>\d+(?:_\d+){5})")


async def series_of(client: HomeAssistantClient) -> list[Series]:
    """Return the sensors of the home and its meters, with what the counters show now."""
    entities, states = await client.commands(
        [{"type": "config/entity_registry/list"}, {"type": "get_states"}]
    )
    shown = {state["entity_id"]: state for state in states}
    rates = dict(_rates())
    with_gx = any(entity["unique_id"].startswith("victron_") for entity in entities)
    powers = {
        "evn": meter_powers(with_gx=with_gx),
        "senec": POWERS | COUNTERS,
        "victron": GX_POWERS | GX_COUNTERS,
    }
    series = []
    for entity in entities:
        state = shown.get(entity["entity_id"])
        if entity["platform"] == "hausstrom" and state is not None:
            series += _series(entity["unique_id"], state, rates, powers)
    return series


def _series(
    unique_id: str,
    state: Mapping[str, Any],
    rates: Mapping[tuple[str, str], float],
    powers: Mapping[str, Mapping[str, Power]],
) -> list[Series]:
    unit = state["attributes"].get("unit_of_measurement", "")
    entity_id = state["entity_id"]
    try:
        now = float(state["state"])
    except ValueError:
        return []
    if found := _OF_THE_HOME.fullmatch(unique_id):
        power = powers[found["kind"]].get(found["key"])
        if power is not None:
            return [Series(entity_id, power, unit, now if unit == "kWh" else None)]
    if (found := _OF_A_METER.match(unique_id)) and unit in {"kWh", "m³"}:
        rate = rates.get((found["meter"], found["obis"]))
        if rate is not None and unique_id.endswith(found["obis"]):
            return [Series(entity_id, lambda _: 0.0, unit, now, rate)]
    return []


def _rates() -> Iterator[tuple[tuple[str, str], float]]:
    """Yield what the registers of the simulated meters count a day."""
    age = time.time() - BUILT
    for meter in forty_meters():
        for point in meter.points:
            before, after = point.read(age - DAY), point.read(age)
            if point.obis and isinstance(before, int) and isinstance(after, int):
                obis = "_".join(re.findall(r"\d+", point.obis))
                yield (meter.meter_id, obis), (after - before) * float(point.scale)
