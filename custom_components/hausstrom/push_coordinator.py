"""The base of coordinators whose devices speak by themselves."""

from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Any, override

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import UpdateFailed

from .common.value import Value, Values
from .const import DOMAIN
from .coordinator import HausstromConfigEntry, HausstromCoordinator
from .transport import Transport


class PushCoordinator(HausstromCoordinator):
    """Base for devices that speak by themselves: silence makes them unavailable."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HausstromConfigEntry,
        transport: Transport,
        *,
        silence: float,
        write_interval: float | None = None,
    ) -> None:
        """Count the device as gone after `silence` seconds without a word."""
        # First, since the base arranges that async_shutdown is called.
        self.transport = transport
        super().__init__(hass, entry, write_interval=write_interval)
        self._silence = silence
        self._last_heard: float | None = None
        self._watchdog: CALLBACK_TYPE | None = None

    @property
    @override
    def available(self) -> bool:
        """Whether the device has been heard, and not too long ago."""
        return self._last_heard is not None and self.last_update_success

    @override
    async def _async_setup(self) -> None:
        """Begin to listen; subclasses take up what they know before that."""
        await self.transport.async_start()

    @override
    async def _async_update_data(self) -> Values:
        silence = self.last_exception
        if not self.last_update_success and isinstance(silence, UpdateFailed):
            # The user's "update entity" leads here: asking does not make a device speak.
            raise silence.with_traceback(None)
        return await super()._async_update_data()

    @callback
    @override
    def async_push(self, values: Mapping[str, Value]) -> None:
        """Take readings that came; the device is alive."""
        self.async_heard()
        super().async_push(values)

    @callback
    def async_heard(self) -> None:
        """Note that the device spoke. Costs a look at the clock: the timer stays as it is."""
        self._last_heard = monotonic()
        if self._watchdog is None and not self._shutdown_requested:
            self._watch(self._silence)

    @callback
    def async_set_silent(self, translation_key: str, /, **placeholders: str) -> None:
        """Make the entities unavailable, for the reason named; logged once."""
        self.async_set_update_error(
            UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=translation_key,
                translation_placeholders={"name": self.name, **placeholders},
            )
        )

    @callback
    def _watch(self, seconds: float) -> None:
        self._watchdog = async_call_later(
            self.hass,
            seconds,
            HassJob(self._check_silence, "hausstrom watchdog", cancel_on_shutdown=True),
        )

    @callback
    def _check_silence(self, _now: datetime) -> None:
        self._watchdog = None
        assert self._last_heard is not None  # noqa: S101  async_heard starts the watch
        remaining = self._last_heard + self._silence - monotonic()
        if remaining > 0:
            self._watch(remaining)
        else:
            self.async_set_silent("silent", seconds=f"{self._silence:.0f}")

    @override
    async def async_shutdown(self) -> None:
        """Stop the watchdog, and close what the device speaks by."""
        if self._watchdog is not None:
            self._watchdog()
            self._watchdog = None
        await super().async_shutdown()
        await self.transport.async_stop()

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add what is known of the way on which the device speaks."""
        return {**super().diagnostics(), **self.transport.diagnostics()}
