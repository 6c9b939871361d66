"""A system read through SENEC.Connect."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, override

from homeassistant.const import CONF_API_KEY, CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from ...common.backoff import Backoff
from ...common.value import Value
from ...const import DOMAIN
from ...coordinator import HausstromConfigEntry, HausstromCoordinator
from ..const import CONF_MODEL, CONF_SYSTEM_ID
from ..exceptions import EXCEPTION_KEYS, placeholders_of
from ..protocol.errors import ONLY_THE_USER_CAN_HELP
from .const import DEFAULT_SCAN_INTERVAL
from .descriptions import SYSTEM, wallbox_rows
from .protocol.client import CALLS_PER_MONTH, Connect
from .protocol.errors import SenecConnectError
from .protocol.models import Nameplate
from .protocol.readings import readings_of
from .sharing import async_release, async_share

SLACK: Final = timedelta(seconds=10)  # another entry's poll this much before ours serves us too
LONGEST_RETRY: Final = 900.0


class SenecConnectCoordinator(HausstromCoordinator):
    """Read one of the systems of a key."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read with the entry's key."""
        seconds = entry.options.get(CONF_SCAN_INTERVAL, DEFAULT_SCAN_INTERVAL)
        super().__init__(hass, entry, poll_interval=timedelta(seconds=seconds))
        self._interval = timedelta(seconds=seconds)
        self._key: str = entry.data[CONF_API_KEY]
        self._system_id: str = entry.data[CONF_SYSTEM_ID]
        self._connect: Connect | None = None
        self._nameplate: Nameplate | None = None
        self._backoff = Backoff(first=seconds, limit=max(seconds, LONGEST_RETRY))

    @property
    def connect(self) -> Connect:
        """The client of the key, once the entry is being set up."""
        assert self._connect is not None  # noqa: S101  _async_setup took it
        return self._connect

    @override
    async def _async_setup(self) -> None:
        self._connect = await async_share(self.hass, self._key, self.config_entry.entry_id)

    @override
    async def async_poll(self) -> Mapping[str, Value]:
        """Read the systems, unless another entry on the key has just done so."""
        try:
            # Where the month's calls are stretched, they are so for all entries on the key.
            at_most = (self.update_interval or self._interval) - SLACK
            system = await self.connect.system(self._system_id, at_most)
        except SenecConnectError as error:
            raise self._failure(error) from error
        self._backoff.succeeded()
        # Slower than wanted where the month's calls would not suffice.
        self.update_interval = max(self._interval, self.connect.budget.rest(dt_util.utcnow()))
        values = readings_of(system)
        for platform, description in SYSTEM:
            if values.get(description.key) is not None:
                self.async_offer(platform, [description])
        for index in range(len(system.evse)):
            for platform, description in wallbox_rows(index):
                self.async_offer(platform, [description])
        if system.nameplate != self._nameplate:
            self._nameplate = system.nameplate
            self.async_update_device()
        return values

    def _failure(self, error: SenecConnectError) -> ConfigEntryAuthFailed | UpdateFailed:
        """Return what a failed poll means to Home Assistant."""
        key, placeholders = EXCEPTION_KEYS[error.reason], placeholders_of(error)
        if error.reason in ONLY_THE_USER_CAN_HELP:
            return ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key="senec_key_refused"
            )
        wait = self._backoff.failed(error.retry_after)
        return UpdateFailed(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
            # Since 2026.11 the wait of a first failure becomes that of the set-up: only what the
            # server itself asked for. After a power cut the router is back in seconds.
            retry_after=error.retry_after if self._nameplate is None else wait,
        )

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        plate = self._nameplate
        model = self.config_entry.data[CONF_MODEL]
        return DeviceInfo(
            identifiers={(DOMAIN, str(self.config_entry.unique_id))},
            # Told apart from the same system read from the account.
            name=f"{model} (Connect)",
            manufacturer=plate.manufacturer if plate else "SENEC",
            model=plate.model if plate else model,
            serial_number=plate.serial_number if plate else None,
        )

    @override
    async def async_shutdown(self) -> None:
        """Leave the key's client to the other entries."""
        await super().async_shutdown()
        await async_release(self.hass, self._key, self.config_entry.entry_id)

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add the budget of calls."""
        connect, now = self.connect, dt_util.utcnow()
        return {
            **super().diagnostics(),
            "requests_in_the_last_hour": connect.requests.last_hour,
            "requests": dict(connect.requests.by_name),
            "failures": dict(connect.requests.failures),
            "calls_per_month": CALLS_PER_MONTH,
            "calls_this_month": connect.budget.spent,
            "calls_left": connect.budget.left(now),
            "shortest_rest_seconds": connect.budget.rest(now).total_seconds(),
        }
