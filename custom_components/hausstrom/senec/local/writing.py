"""Writing to a SENEC: one value at a time, only what differs, and no word of failure before its time.

A device shows what it took when it has done it: some things after ten seconds and more. What was sent
and is not shown yet is no error; it is looked at again for a while, and only then told.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later

from ...common.text import plain
from ...common.value import Value
from ...const import DOMAIN, LOGGER
from ...coordinator import HausstromConfigEntry
from .protocol.client import LalaClient, LalaError, LalaFault
from .protocol.codec import Answer, CodecError, Refusal
from .protocol.controls import REBOOT, VariableControl, VariableWrite
from .protocol.limits import limit_key
from .protocol.points import Readout, value_at
from .protocol.request import read_body, was_taken, write_body

LOOKS: Final = (2.0, 3.0, 5.0, 10.0, 10.0, 15.0, 15.0, 30.0, 30.0)
"""Seconds between the looks at what was sent: two minutes in all."""
REBOOT_PAUSE: Final = 300.0
SERIES: Final = 3
SERIES_WITHIN: Final = 60.0
"""So many changes of a wallbox's mode in so many seconds at most: a few more hang its web server."""
_MODE: Final = "wallbox_smart_charge_active"
_NOT_TAKEN: Final = "senec_not_taken"
_UNCERTAIN: Final = frozenset({LalaFault.TIMEOUT, LalaFault.TRUNCATED})


@dataclass(slots=True, eq=False, repr=False)
class _Sent:
    """A write that the device does not show yet."""

    write: VariableWrite
    looks: deque[float] = field(default_factory=lambda: deque(LOOKS))
    was_read: bool = False
    timer: CALLBACK_TYPE | None = None


class Writer:
    """Writes to one device, and follows what was written until the device shows it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HausstromConfigEntry,
        client: LalaClient,
        *,
        points: Callable[[], Mapping[str, Readout]],
        values: Callable[[], Mapping[str, Value]],
        note: Callable[[Mapping[str, Value]], None],
    ) -> None:
        """Read back through `points`, hand the readings to `note`; `values` are the newest."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._points = points
        self._values = values
        self._note = note
        self._sent: dict[str, _Sent] = {}
        self._modes: deque[float] = deque(maxlen=SERIES)
        self._rebooted_at = float("-inf")

    async def async_set(
        self, control: VariableControl, index: int | None, value: bool | float | str
    ) -> None:
        """Send a value. Raises HomeAssistantError, in words, where it cannot have arrived."""
        write = control.write(value, index)
        key = write.key
        self._check_there(key)
        self._check_limit(control, index, value)
        if not write.is_command and await self._async_is_so(write):
            return
        self._check_series(key)
        self._forget(key)
        answer = await self._async_send(write)
        if answer is not None:
            self._check_refusal(write, answer, value)
        sent = self._sent[key] = _Sent(write)
        if not await self._async_look(sent):
            LOGGER.info("%s: %s was sent, and is not confirmed yet", self._entry.title, key)
            self._look_later(sent)

    # --- before -------------------------------------------------------------------

    def _check_there(self, key: str) -> None:
        """Refuse what the device has no more: a new firmware may have taken it away."""
        if key not in self._points():
            raise self._error("senec_control_gone")

    def _check_limit(
        self, control: VariableControl, index: int | None, value: bool | float | str
    ) -> None:
        if not control.limited or isinstance(value, bool) or not isinstance(value, int | float):
            return
        told = self._values().get(limit_key(index or 0))
        high = told if isinstance(told, int | float) else control.high
        if not control.low <= value <= high:
            raise self._error(
                "senec_current_limit", low=f"{control.low:g}", high=f"{high:g}", value=f"{value:g}"
            )

    async def _async_is_so(self, write: VariableWrite) -> bool:
        """Whether the device has this value already; what cannot be read now does not tell."""
        if write.key in self._sent:
            return False
        try:
            answer = await self._client.query(read_body([write.shown]))
        except LalaError:
            return False
        self._take(write.key, answer)
        return was_taken(write.expected, value_at(answer, write.shown, write.index))

    def _check_series(self, key: str) -> None:
        if not key.startswith(_MODE):
            return
        now = monotonic()
        if len(self._modes) == SERIES and now - self._modes[0] < SERIES_WITHIN:
            raise self._error("senec_too_many_changes", seconds=f"{SERIES_WITHIN:.0f}")
        self._modes.append(now)

    # --- sending ------------------------------------------------------------------

    async def _async_send(self, write: VariableWrite) -> Answer | None:
        """Send; None where it may have arrived although no answer came."""
        try:
            return await self._client.query(
                write_body(
                    write.ref, write.prefix, write.value, index=write.index, length=write.length
                )
            )
        except LalaError as error:
            if error.fault not in _UNCERTAIN:
                raise self._error("senec_write_failed") from error
            LOGGER.debug(
                "%s: %s was sent, but not answered: %s", self._entry.title, write.key, error
            )
            return None
        except CodecError as error:
            raise self._error("senec_write_failed") from error

    def _check_refusal(self, write: VariableWrite, answer: Answer, value: object) -> None:
        """Say so at once where the device itself says that it does not take this."""
        if isinstance(value_at(answer, write.ref, write.index), Refusal):
            raise self._error("senec_not_taken", value=str(value))

    def _error(self, translation_key: str, **placeholders: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=translation_key,
            translation_placeholders={"name": self._entry.title, **placeholders},
        )

    # --- afterwards ---------------------------------------------------------------

    async def _async_look(self, sent: _Sent) -> bool:
        """Read what was written; a read that fails is not a write that failed."""
        try:
            answer = await self._client.query(read_body([sent.write.shown]))
        except LalaError as error:
            LOGGER.debug(
                "%s: %s could not be confirmed: %s", self._entry.title, sent.write.key, error
            )
            return False
        sent.was_read = True
        self._take(sent.write.key, answer)
        if not was_taken(sent.write.expected, value_at(answer, sent.write.shown, sent.write.index)):
            return False
        self._forget(sent.write.key)
        return True

    @callback
    def _take(self, key: str, answer: Answer) -> None:
        point = self._points().get(key)
        if point is not None:
            reading: Value = point.read(answer)
            self._note({key: reading})

    @callback
    def _look_later(self, sent: _Sent) -> None:
        sent.timer = async_call_later(
            self._hass,
            sent.looks.popleft(),
            HassJob(
                partial(self._begin_look, sent),
                "hausstrom senec confirmation",
                cancel_on_shutdown=True,
            ),
        )

    @callback
    def _begin_look(self, sent: _Sent, _now: datetime) -> None:
        sent.timer = None
        self._entry.async_create_background_task(
            self._hass, self._async_look_again(sent), "hausstrom senec confirmation"
        )

    async def _async_look_again(self, sent: _Sent) -> None:
        key = sent.write.key
        if self._sent.get(key) is not sent or await self._async_look(sent):
            return
        if self._sent.get(key) is not sent:
            return  # something else was written meanwhile
        if sent.looks:
            self._look_later(sent)
            return
        del self._sent[key]
        if sent.was_read:
            self._tell(key)

    @callback
    def _tell(self, key: str) -> None:
        """Say, once, that the device did not do what it was sent."""
        LOGGER.warning("%s did not take what was written to %s", self._entry.title, key)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue(key),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=_NOT_TAKEN,
            translation_placeholders={
                "name": plain(self._entry.title),
                "entity": plain(self._called(key)),
            },
        )

    def _called(self, key: str) -> str:
        """Return what the user sees the entity called."""
        wanted = f"{self._entry.unique_id}_{key}"
        for entity in er.async_entries_for_config_entry(
            er.async_get(self._hass), self._entry.entry_id
        ):
            if entity.unique_id == wanted:
                return entity.name or entity.original_name or entity.entity_id
        return key

    def _issue(self, key: str) -> str:
        return f"{_NOT_TAKEN}_{self._entry.entry_id}_{key}"

    @callback
    def _forget(self, key: str) -> None:
        """Look no more for what was written here: it is shown, or something else is written."""
        ir.async_delete_issue(self._hass, DOMAIN, self._issue(key))
        sent = self._sent.pop(key, None)
        if sent is not None and sent.timer is not None:
            sent.timer()

    @callback
    def stop(self) -> None:
        """Look no more for anything."""
        for key in list(self._sent):
            self._forget(key)

    # --- the button ---------------------------------------------------------------

    async def async_reboot(self) -> None:
        """Have the device restart. Raises HomeAssistantError where it did so a moment ago."""
        if monotonic() - self._rebooted_at < REBOOT_PAUSE:
            raise self._error("senec_reboot_too_soon", minutes=f"{REBOOT_PAUSE / 60:.0f}")
        write = REBOOT.write()
        try:
            await self._client.query(write_body(write.ref, write.prefix, write.value))
        except LalaError as error:
            # A device that goes down at once may do so before it has answered.
            if error.fault not in {LalaFault.UNREACHABLE, LalaFault.TRUNCATED}:
                raise self._error("senec_write_failed") from error
        self._rebooted_at = monotonic()
