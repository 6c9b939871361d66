"""What comes of telegrams: readings that can be believed, and what is known without the key."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from .ciphering import Envelope, open_envelope
from .errors import Reason, TelegramError
from .notification import Notification, Number
from .payload import payload_bytes
from .stream import Framing, Stream

_MOST_FACTOR: Final = 1.05
_ONCE: Final = datetime.fromtimestamp(0, UTC)


class Reading(NamedTuple):
    """One telegram, believed. Values by the key of the entity; absent where not sent.

    Units: Wh, W (`power` is import minus export), V, A, varh, var; the power factor has none.
    """

    system_title: bytes
    frame_counter: int
    meter_number: str | None
    meter_time: datetime | None
    clock_skew: float | None
    """Seconds by which the meter's clock is ahead of the time of receipt."""
    values: Mapping[str, Number]
    layout: str = "flat"
    """How the body is arranged."""
    missing: tuple[str, ...] = ()
    """Keys whose value was sent and cannot be true: known to be missing."""
    late: tuple[str, ...] = ()
    """Keys whose value waits for the next telegram: what was shown last goes on."""

    @classmethod
    def of(  # noqa: PLR0917  (the parts of a reading)
        cls,
        system_title: bytes,
        frame_counter: int,
        said: Notification,
        meter_number: str | None,
        layout: str,
        received: datetime,
    ) -> Reading:
        """Return what a telegram says, without a power factor that is none, and with the power."""
        time, values = said.meter_time, said.values
        missing: tuple[str, ...] = ()
        if abs(values.get("power_factor", 0)) > _MOST_FACTOR:
            values = dict(values)  # the gates look at what was sent
            del values["power_factor"]
            missing = ("power_factor",)
        imported, exported = values.get("power_import"), values.get("power_export")
        if imported is not None and exported is not None:
            power = imported - exported
            # To the digits that the meter shows.
            values["power"] = round(power, 9) if isinstance(power, float) else power
        skew = None if time is None else (time - received).total_seconds()
        return cls(system_title, frame_counter, meter_number, time, skew, values, layout, missing)


class Heard(NamedTuple):
    """What one message brought."""

    readings: tuple[Reading, ...]
    rejections: tuple[TelegramError, ...]


class FoundTelegrams(NamedTuple):
    """What is known of the telegrams that come, whether the key opens them or not."""

    system_title: bytes
    framing: Framing
    size: int
    """Bytes of the ciphered unit."""
    authenticated: bool


def envelopes(payload: bytes) -> list[Envelope]:
    """Return what one message tells without the key.

    Raises TelegramError when there is no whole telegram in it.
    """
    units, dropped = Stream().feed(payload_bytes(payload), _ONCE)
    found: list[Envelope] = []
    for unit in units:
        try:
            found.append(open_envelope(unit.data))
        except TelegramError as error:
            dropped.append(error)
    if found:
        return found
    if dropped:
        raise dropped[0]
    raise TelegramError(Reason.INCOMPLETE, "the end of the telegram is not in the message")
