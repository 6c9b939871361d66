"""Poll a SENEC on the local network: gently, only for what is shown, and without losing energy."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from time import monotonic
from typing import Any, Final, override

import aiohttp
from homeassistant.const import CONF_HOST
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.storage import Store
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from ...common.value import Value
from ...const import CONF_CERTIFICATE, DOMAIN, LOGGER
from ...coordinator import HausstromConfigEntry, HausstromCoordinator
from ...repairs import async_clear_certificate, async_report_certificate
from ...tls import pinned_context
from .connection import async_shown_certificate
from .const import (
    CONF_SCAN_INTERVAL,
    CONFIRM_PAUSE,
    CONFIRM_TRIES,
    DEFAULT_SCAN_INTERVAL,
    PROBE_AFTER,
    REBOOT_PAUSE,
    SLOW_INTERVAL,
    STORE_INTERVAL,
    TOLERATED_FAILURES,
)
from .descriptions import describe
from .protocol.catalogue import CATALOGUE, Kind
from .protocol.client import Backoff, LalaClient, LalaError, LalaFault
from .protocol.codec import CodecError
from .protocol.controls import REBOOT, Write, write_of
from .protocol.counters import SOURCES, EnergyMeters
from .protocol.identity import Identity
from .protocol.inventory import Inventory
from .protocol.points import Point, Reading, all_points, value_at
from .protocol.request import Batch, Plan, read_body, was_taken, write_body

STORAGE_VERSION: Final = 1


def store_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where an entry's counters and inventory are kept."""
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.senec_local.{entry_id}")


class SenecLocalCoordinator(HausstromCoordinator):
    """Read the system of one config entry.

    Two rhythms: live values at every poll in one request, slow ones every few minutes in small
    requests, at most one of them per poll. Both are built from the entities that are enabled.
    """

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare a session of our own: its cookies are those of an IP address."""
        self._scan_interval: float = entry.options.get(CONF_SCAN_INTERVAL, DEFAULT_SCAN_INTERVAL)
        super().__init__(hass, entry, poll_interval=timedelta(seconds=self._scan_interval))
        certificate: str | None = entry.data.get(CONF_CERTIFICATE)
        self.client = LalaClient(
            async_create_clientsession(hass, cookie_jar=aiohttp.CookieJar(unsafe=True)),
            entry.data[CONF_HOST],
            tls=False if certificate is None else pinned_context(certificate),
        )
        self._store = store_of(hass, entry.entry_id)
        self._backoff = Backoff(first=max(10.0, self._scan_interval))
        self._meters = EnergyMeters(longest_gap=max(60.0, 3.5 * self._scan_interval))
        self._identity: Identity | None = None
        self._points: dict[str, Point] = {}
        self._charted: str | None = None
        self._shown_by_default: dict[str, bool] = {}
        self._inventory = Inventory()
        self._keep_polling: CALLBACK_TYPE | None = None
        self._plan = Plan((), ())
        self._planned_keys: frozenset[str] | None = None
        self._slow_queue: list[Batch] = []
        self._slow_at = float("-inf")
        self._missed: dict[bytes, int] = {}
        self._failures = 0
        self._failed_at: float | None = None
        self._records = 0
        self._rebooted_at = float("-inf")
        self._kept_at = float("-inf")

    # --- beginning ----------------------------------------------------------------

    @override
    async def _async_setup(self) -> None:
        stored = await self._store.async_load() or {}
        self._meters.restore(stored.get("energy", {}))
        try:
            await self._async_connect()
            await self._async_take_inventory(stored)
        except LalaError as error:
            await self._async_note_certificate(error)
            raise self._update_failed(error) from error

    async def _async_connect(self) -> None:
        """Find out how the device is reached now, and whether it is the one that was set up."""
        if CONF_CERTIFICATE not in self.config_entry.data:
            certificate = await async_shown_certificate(self.client.host)
            if certificate is not None:  # its firmware has learned https since
                self.client.use_tls(pinned_context(certificate))
        else:
            certificate = None
        identity = await self.client.probe()
        if f"senec_{identity.device_id}" != self.config_entry.unique_id:
            raise LalaError(LalaFault.WRONG_DEVICE)
        if certificate is not None and self.client.scheme == "https":
            self._remember(certificate)
        async_clear_certificate(self.hass, self.config_entry)
        self._identity = identity
        self.async_update_device()
        if self._points and self._firmware != self._charted and not self._inventory.left:
            # Mostly found out here: a device that takes a new firmware does not answer meanwhile.
            self._begin_inventory()

    @callback
    def _remember(self, certificate: str) -> None:
        self.hass.config_entries.async_update_entry(
            self.config_entry, data={**self.config_entry.data, CONF_CERTIFICATE: certificate}
        )

    async def _async_take_inventory(self, stored: Mapping[str, Any]) -> None:
        """Find out, once per firmware, which values this system has."""
        known = stored.get("points")
        if known and stored.get("firmware") == self._firmware:
            everything = all_points()
            self._charted = self._firmware
            self._offer({key: everything[key] for key in known if key in everything})
            return
        self._begin_inventory()
        try:
            while self._inventory.left:
                await self._async_chart_next()
        except LalaError as error:  # the polls go on with it
            LOGGER.debug("%s: its values are not all known yet: %s", self.name, error)

    @callback
    def _begin_inventory(self) -> None:
        self._inventory.begin()
        if self._keep_polling is None:  # without a listener there are no polls
            self._keep_polling = self.async_add_listener(lambda: None)

    @property
    def _firmware(self) -> str | None:
        return None if self._identity is None else self._identity.application_version

    async def _async_chart_next(self) -> None:
        try:
            points = self._inventory.take(await self.client.query(self._inventory.body()))
        except LalaError:
            points = self._inventory.give_up()
            if points is None:
                raise
        if points is None:
            return
        if self._keep_polling is not None:
            self._keep_polling()
            self._keep_polling = None
        self._charted = self._firmware
        self._offer(points)
        await self._async_save()

    @callback
    def _offer(self, points: dict[str, Point]) -> None:
        self.async_note(dict.fromkeys(self._points.keys() - points.keys()))
        self._points = points
        self._planned_keys = None
        described = describe(points.values(), self._meters)
        self._shown_by_default = {
            description.key: description.entity_registry_enabled_default
            for descriptions in described.values()
            for description in descriptions
        }
        for platform, descriptions in described.items():
            self.async_offer(platform, descriptions)

    async def _async_save(self) -> None:
        await self._store.async_save(self._stored())

    @callback
    def _stored(self) -> dict[str, Any]:
        return {
            "energy": self._meters.stored(),
            "firmware": self._charted,  # the one that has these points
            "points": sorted(self._points),
        }

    # --- polling ------------------------------------------------------------------

    @override
    async def async_poll(self) -> Mapping[str, Value]:
        """Read what is due. A short trouble keeps the last values, a longer one is told."""
        try:
            if self._failures >= PROBE_AFTER or (self._failures and self._identity is None):
                await self._async_connect()
            values = await self._async_read()
        except LalaError as error:
            return await self._async_fail(error)
        if self._failures:
            self._failures = 0
            self._backoff.succeeded()
        return values

    async def _async_fail(self, error: LalaError) -> Mapping[str, Value]:
        self._failures += 1
        LOGGER.debug("%s: %s (%d in a row)", self.name, error, self._failures)
        await self._async_note_certificate(error)
        patient = (
            error.fault not in {LalaFault.CERTIFICATE, LalaFault.WRONG_DEVICE}
            and self._records > 0
            and self.last_update_success
            and self._failures <= TOLERATED_FAILURES
        )
        if patient:
            return {}
        raise self._update_failed(error) from error

    def _update_failed(self, error: LalaError) -> UpdateFailed:
        return UpdateFailed(
            translation_domain=DOMAIN,
            translation_key=f"senec_{error.fault.value}",
            translation_placeholders={"name": self.name, "detail": str(error.status or "")},
            retry_after=self._backoff.failed(),
        )

    async def _async_note_certificate(self, error: LalaError) -> None:
        if error.fault is LalaFault.CERTIFICATE:
            shown = await async_shown_certificate(self.client.host)
            if shown is not None:
                async_report_certificate(self.hass, self.config_entry, shown)

    async def _async_read(self) -> dict[str, Value]:
        self._make_plan()
        values: dict[str, Value] = {}
        for batch in self._plan.live:
            answer = await self.client.query(batch.body)
            readings = batch.read(answer)
            values.update(readings)
            values.update(self._count(readings))
        values["response_duration"] = self.client.traffic.duration_ms
        try:
            values.update(await self._async_read_slow())
        except LalaError as error:
            if not self._points:
                raise
            # The live values are here, and that is what counts.
            LOGGER.debug("%s: slow values are late: %s", self.name, error)
        self._log(values)
        self._keep(monotonic())
        return values

    @callback
    def _keep(self, now: float) -> None:
        """Have the counters written to disk, seldom; a pending write is done at a stop, too."""
        if now - self._kept_at >= STORE_INTERVAL:
            self._kept_at = now
            self._store.async_delay_save(self._stored, 1)

    async def _async_read_slow(self) -> dict[str, Value]:
        """Send the one request, at most, that is due beside the live one."""
        if self._inventory.left:
            await self._async_chart_next()
            return {}
        if (batch := self._next_slow()) is None:
            return {}
        try:
            readings = batch.read(await self.client.query(batch.body))
        except LalaError:
            self._forget_if_missed(batch)
            raise
        self._missed.pop(batch.body, None)
        await self._async_check_firmware(readings)
        return {**readings, **self._count(readings)}

    @callback
    def _forget_if_missed(self, batch: Batch) -> None:
        """Show no values that have not been heard of for several turns of the slow rhythm."""
        missed = self._missed[batch.body] = self._missed.get(batch.body, 0) + 1
        if missed > TOLERATED_FAILURES:
            self.async_note(dict.fromkeys(point.key for point in batch.points))

    @callback
    def _make_plan(self) -> None:
        keys = frozenset(self._wanted_keys())
        if keys == self._planned_keys:
            return
        self._planned_keys = keys
        self._plan = Plan.of(self._points[key] for key in sorted(keys))
        self._slow_queue = list(self._plan.slow)

    def _wanted_keys(self) -> set[str]:
        """Return the keys of the readings that somebody wants to see, or to count with."""
        shown = self.watched_keys or self._expected_keys()
        wanted = {key for key in shown if key in self._points}
        for key in shown & SOURCES.keys():
            wanted.update(self._meters.needed(key, self._points))
        return wanted

    def _expected_keys(self) -> set[str]:
        """Return what will be shown once the entities are made: by the registry, else by default."""
        prefix = f"{self.config_entry.unique_id}_"
        known = {
            entity.unique_id.removeprefix(prefix): entity.disabled
            for entity in er.async_entries_for_config_entry(
                er.async_get(self.hass), self.config_entry.entry_id
            )
        }
        return {
            key
            for key, shown in self._shown_by_default.items()
            if (not known[key] if key in known else shown)
        }

    def _next_slow(self) -> Batch | None:
        if not self._slow_queue and monotonic() - self._slow_at >= SLOW_INTERVAL:
            self._slow_queue = list(self._plan.slow)
        if not self._slow_queue:
            return None
        self._slow_at = monotonic()
        return self._slow_queue.pop(0)

    @callback
    def _count(self, readings: Mapping[str, Reading]) -> dict[str, Reading]:
        return self._meters.feed(readings, self._points, monotonic())

    async def _async_check_firmware(self, readings: Mapping[str, Reading]) -> None:
        """Look anew at a system whose firmware changed: values come and go with it."""
        version = readings.get("application_version")
        if isinstance(version, str) and version != self._firmware:
            LOGGER.info("%s runs firmware %s now", self.name, version)
            await self._async_connect()

    @callback
    def _log(self, values: Mapping[str, Value]) -> None:
        self._records += 1
        state, before = values.get("current_state"), self.data.get("current_state")
        if self._records > 1 and state != before:
            LOGGER.info("%s: %s, before %s", self.name, state, before)
        LOGGER.debug(
            "Got record #%d at %s within %s ms, %s, Inverter %s W, House %s W, Wallbox %s W",
            self._records,
            dt_util.now().isoformat(sep=" ", timespec="seconds"),
            self.client.traffic.duration_ms,
            values.get("current_state"),
            values.get("inverter_power"),
            values.get("house_power"),
            values.get("wallbox_charge_power"),
        )

    # --- writing ------------------------------------------------------------------

    @override
    async def async_write(self, key: str, value: Value) -> None:
        """Write, read again, and say so if the device did not take it."""
        assert value is None or isinstance(value, bool | float | str)  # noqa: S101  the platforms'
        if key == REBOOT.stem:
            await self._async_reboot()
            return
        write = write_of(key, value)
        try:
            await self._async_send(write)
            taken = await self._async_confirm(key, write)
        except (LalaError, CodecError) as error:
            raise self._refusal("senec_write_failed") from error
        if not taken:
            raise self._refusal("senec_not_taken", value=str(value))

    async def _async_send(self, write: Write) -> None:
        await self.client.query(
            write_body(write.ref, write.prefix, write.value, index=write.index, length=write.length)
        )

    def _refusal(self, translation_key: str, **placeholders: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=translation_key,
            translation_placeholders={"name": self.name, **placeholders},
        )

    async def _async_confirm(self, key: str, write: Write) -> bool:
        """Read until the device shows what was written; some things take it a few seconds."""
        for attempt in range(CONFIRM_TRIES):
            if attempt:
                await asyncio.sleep(CONFIRM_PAUSE)
            answer = await self.client.query(read_body([write.shown]))
            self.async_note({key: self._points[key].read(answer)})
            if was_taken(write.expected, value_at(answer, write.shown, write.index)):
                return True
        return False

    async def _async_reboot(self) -> None:
        if monotonic() - self._rebooted_at < REBOOT_PAUSE:
            raise self._refusal("senec_reboot_too_soon", minutes=f"{REBOOT_PAUSE / 60:.0f}")
        try:
            await self._async_send(write_of(REBOOT.stem, None))
        except LalaError as error:
            # A device that goes down at once may do so before it has answered.
            if error.fault not in {LalaFault.UNREACHABLE, LalaFault.TRUNCATED}:
                raise self._refusal("senec_write_failed") from error
        self._rebooted_at = monotonic()

    # --- the device ---------------------------------------------------------------

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        identity = self._identity
        info = DeviceInfo(
            identifiers={(DOMAIN, str(self.config_entry.unique_id))},
            manufacturer="SENEC",
            name=self.config_entry.title,
            configuration_url=self.client.base_url,
        )
        if identity is not None:
            capacity = identity.capacity_kwh
            info["model"] = (
                identity.model if capacity is None else f"{identity.model}, {capacity:g} kWh"
            )
            info["serial_number"] = identity.device_id
            info["sw_version"] = identity.application_version
            info["hw_version"] = None if identity.npu_image is None else f"NPU {identity.npu_image}"
            if identity.mac is not None:
                info["connections"] = {(dr.CONNECTION_NETWORK_MAC, identity.mac)}
        return info

    @override
    def is_private(self, key: str) -> bool:
        """Keep serial numbers and addresses to ourselves."""
        point = all_points().get(key)
        return point is not None and point.form.kind is Kind.IDENTITY

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add how the device is spoken to, and what it refuses."""
        identity = self._identity
        traffic = asdict(self.client.traffic)
        traffic["faults"] = {
            fault.value: count for fault, count in self.client.traffic.faults.items()
        }
        return {
            **super().diagnostics(),
            "model": identity and identity.model,
            "system_type": identity and identity.system_type,
            "application_version": identity and identity.application_version,
            "firmware_version": identity and identity.firmware_version,
            "npu_image": identity and identity.npu_image,
            "scheme": self.client.scheme,
            "traffic": traffic,
            "failures_in_a_row": self._failures,
            "live_requests": [len(batch.body) for batch in self._plan.live],
            "slow_requests": [len(batch.body) for batch in self._plan.slow],
            "points": len(self._points),
            "catalogue": len(CATALOGUE),
            "not_yet_looked_at": self._inventory.left,
        }

    @override
    async def async_shutdown(self) -> None:
        """Keep what was counted."""
        await super().async_shutdown()
        if self._points:
            await self._async_save()
