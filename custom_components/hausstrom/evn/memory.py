"""What of a meter outlives a stop: its stands, its rhythm, and what is usual in its house."""

from collections.abc import Callable
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..storage import EntryStore
from .protocol.notification import Number
from .protocol.plausibility import EXCHANGE, MeterMemory
from .protocol.reader import MeterReader, Reading
from .protocol.rhythm import TelegramRhythm
from .protocol.sample import REGISTERS


class Kept(NamedTuple):
    """What was read back."""

    memory: MeterMemory | None = None
    interval: float | None = None


def store_of(
    hass: HomeAssistant, entry_id: str, collect: Callable[[], dict[str, Any]]
) -> EntryStore:
    """Return the file of an entry."""
    return EntryStore(hass, f"evn.{entry_id}", collect)


def as_content(memory: MeterMemory | None, interval: float | None) -> dict[str, Any]:
    """Return what is written: stands in Wh (varh), times in seconds since 1970."""
    content: dict[str, Any] = {"interval": interval}
    if memory is not None:
        content["stands"] = dict(memory.stands)
        content["received"] = memory.received
        content["meter_number"] = memory.number
        content["bounds"] = list(memory.bounds)
        content["waited"] = memory.waited
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
    waited = content.get("waited")
    numbers = {key: _number(stands.get(key)) for key in REGISTERS}
    return Kept(
        MeterMemory(
            {key: value for key, value in numbers.items() if value is not None},
            received,
            number if isinstance(number, str) else None,
            tuple(float(bound) for bound in bounds)
            if isinstance(bounds, list) and all(_number(bound) is not None for bound in bounds)
            else (),
            waited if isinstance(waited, int) and 0 < waited <= EXCHANGE else 0,
        ),
        interval,
    )


def _number(value: object) -> Number | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


class Handover(NamedTuple):
    """What was heard a moment ago, so that an entry does not begin from nothing."""

    keys: tuple[str, str | None]
    """What it was heard with: another key makes another meter of it."""
    reader: MeterReader
    reading: Reading | None
    """The last one that was believed."""
    rhythm: TelegramRhythm
    heard: float
    """When (monotonic, s)."""
    paused: bool = False
    """Whether nobody has listened since: then the next telegram is a first one."""


HANDOVERS: HassKey[dict[str, Handover]] = HassKey(f"{DOMAIN}_evn_heard")
"""By the unique id of the entry that is being made, or loaded again."""


def hand_over(
    hass: HomeAssistant, unique_id: str | None, handover: Handover, *, again: bool = False
) -> None:
    """Keep what was heard until the entry is set up, which is a moment later.

    `again`: the entry is unloaded; what a set-up has heard since counts more.
    """
    kept = hass.data.setdefault(HANDOVERS, {})
    if unique_id is not None and not (again and unique_id in kept):
        kept[unique_id] = handover


def take_over(
    hass: HomeAssistant, unique_id: str | None, keys: tuple[str, str | None], now: float
) -> Handover | None:
    """Return what was heard, once, if it was with these keys and not too long ago."""
    handover = hass.data.get(HANDOVERS, {}).pop(unique_id or "", None)
    if handover is None or handover.keys != keys:
        return None
    return handover if now - handover.heard <= handover.rhythm.silence else None


def drop_handover(hass: HomeAssistant, unique_id: str | None) -> None:
    """Forget what was heard for an entry that is deleted."""
    hass.data.get(HANDOVERS, {}).pop(unique_id or "", None)


async def forget(hass: HomeAssistant, entry_id: str) -> None:
    """Drop the stands that were kept of an entry's meter, before it is set up again."""
    await store_of(hass, entry_id, dict).async_remove()
