"""What of a meter outlives a stop: its stands, its rhythm, and what is usual in its house."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..storage import EntryStore
from .protocol.notification import Number
from .protocol.plausibility import Memory
from .protocol.reader import MeterReader, Reading
from .protocol.sample import REGISTERS


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read back."""

    memory: Memory | None = None
    interval: float | None = None


def store_of(
    hass: HomeAssistant, entry_id: str, collect: Callable[[], dict[str, Any]]
) -> EntryStore:
    """Return the file of an entry."""
    return EntryStore(hass, f"evn.{entry_id}", collect)


def as_content(memory: Memory | None, interval: float | None) -> dict[str, Any]:
    """Return what is written: stands in Wh (varh), times in seconds since 1970."""
    content: dict[str, Any] = {"interval": interval}
    if memory is not None:
        content["stands"] = dict(memory.stands)
        content["received"] = memory.received
        content["meter_number"] = memory.number
        content["bounds"] = list(memory.bounds)
    return content


def from_content(content: dict[str, Any] | None) -> Kept:
    """Read what was written; whatever has another form is as good as not kept."""
    if content is None:
        return Kept()
    interval = _number(content.get("interval"))
    stands = content.get("stands")
    received = _number(content.get("received"))
    if not isinstance(stands, dict) or received is None:
        return Kept(None, interval)
    bounds = content.get("bounds")
    number = content.get("meter_number")
    numbers = {key: _number(stands.get(key)) for key in REGISTERS}
    return Kept(
        Memory(
            {key: value for key, value in numbers.items() if value is not None},
            received,
            number if isinstance(number, str) else None,
            tuple(float(bound) for bound in bounds)
            if isinstance(bounds, list) and all(_number(bound) is not None for bound in bounds)
            else (),
        ),
        interval,
    )


def _number(value: object) -> Number | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Handover:
    """What the set-up has heard, so that the entry does not begin from nothing."""

    reader: MeterReader
    reading: Reading | None
    """The last one that was believed."""
    interval: float | None


HANDOVERS: HassKey[dict[str, Handover]] = HassKey(f"{DOMAIN}_evn_heard")
"""By the unique id of the entry that is being made."""


def hand_over(hass: HomeAssistant, unique_id: str, handover: Handover) -> None:
    """Keep what was heard until the entry is set up, which is a moment later."""
    hass.data.setdefault(HANDOVERS, {})[unique_id] = handover


def take_over(hass: HomeAssistant, unique_id: str | None) -> Handover | None:
    """Return what the set-up has heard, once."""
    return hass.data.get(HANDOVERS, {}).pop(unique_id or "", None)


async def forget(hass: HomeAssistant, entry_id: str) -> None:
    """Drop the stands that were kept of an entry's meter, before it is set up again."""
    await store_of(hass, entry_id, dict).async_remove()
