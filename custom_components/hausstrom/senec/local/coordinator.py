"""Poll a SENEC on the local network: gently, only for what is shown, and without losing energy."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from time import monotonic, time
from typing import Any, Final, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from ...common.backoff import Backoff
from ...common.value import Value
from ...const import DOMAIN, LOGGER
from ...coordinator import HausstromConfigEntry, HausstromCoordinator
from ...storage import EntryStore, async_last_recorded
from . import about, hints
from .charting import Chart
from .const import (
    CHART_FAILURES,
    CHART_TIME,
    CONF_SCAN_INTERVAL,
    DEFAULT_SCAN_INTERVAL,
    OLDEST_VALUE,
    PROBE_AFTER,
    TOLERATED_FAILURES,
)
from .descriptions import Descriptions, Writes, describe
from .hold import KEY as HOLD
from .hold import BatteryHold
from .link import Link
from .protocol import drift, hardware
from .protocol.client import LalaError, LalaFault
from .protocol.controls import FORCED_CHARGE
from .protocol.counters import EnergyMeters
from .protocol.hold import SenecHold
from .protocol.limits import limit_points
from .protocol.reader import Reader
from .wanted import expected_keys, inner_points, modules_of, wanted_keys
from .writing import Writer

LONGEST_PAUSE: Final = 300.0
_NOT_PATIENT: Final = frozenset({LalaFault.CERTIFICATE, LalaFault.WRONG_DEVICE})


def store_name(entry_id: str) -> str:
    """Return the name of the file with an entry's counters, its chart and its hold."""
    return f"senec_local.{entry_id}"


class SenecLocalCoordinator(HausstromCoordinator):
    """Read the system of one config entry.

    Two rhythms: live values at every poll in one request, slow ones every few minutes in small
    requests, at most one of them per poll. Both are built from the entities that are enabled.
    """

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare everything; nothing is sent yet."""
        self._scan_interval: float = entry.options.get(CONF_SCAN_INTERVAL, DEFAULT_SCAN_INTERVAL)
        super().__init__(hass, entry, poll_interval=timedelta(seconds=self._scan_interval))
        self.link = Link(hass, entry)
        self.client = self.link.client
        self._store = EntryStore(hass, store_name(entry.entry_id), self._stored, title=entry.title)
        self._backoff = Backoff(first=max(10.0, self._scan_interval))
        self._meters = EnergyMeters(longest_gap=max(60.0, 3.5 * self._scan_interval))
        self._chart = Chart(self.client.query)
        self._reader = Reader(self.client.query, interval=self._scan_interval)
        self._writer = Writer(
            hass,
            entry,
            self.client,
            points=lambda: self._chart.points,
            values=lambda: self.data,
            note=self.async_note,
        )
        self._hold = BatteryHold(
            hass,
            device_id=lambda: str(self.config_entry.unique_id).removeprefix("senec_"),
            value=self._value,
            force=partial(self._writer.async_set, FORCED_CHARGE, None),
            keep=self._store.async_save,
        )
        self._writes = Writes(self._writer.async_set, self._async_hold, self._writer.async_reboot)
        self._hints = hints.Hints(hass, entry)
        self._fresh: Mapping[str, Value] = {}
        # What a poll has read and nobody has been told yet.
        self._shown_by_default: dict[str, bool] = {}
        self._limits: dict[int, float] = {}
        self._planned_keys: frozenset[str] | None = None
        self._failures = 0
        self._records = 0
        self._read_at = monotonic()

    def _value(self, key: str) -> Value:
        return self._fresh.get(key, self.data.get(key))

    # --- beginning ----------------------------------------------------------------

    @override
    async def _async_setup(self) -> None:
        # Polls go on although nobody may be listening: what is not shown changes too.
        self.config_entry.async_on_unload(self.async_add_listener(lambda: None))
        stored = await self._store.async_load() or {}
        energy = stored.get("energy")
        self._meters.restore(energy if isinstance(energy, dict) else {})
        self._meters.resume_above(await self._async_last_recorded())
        self._hold.hold = SenecHold.restored(stored.get("hold"))
        is_current = self._chart.restore(stored, time())
        if self._chart.points:
            self._offer()
        try:
            self._look_at(await self.link.connect(about=True))
        except LalaError as error:
            raise await self._async_failed(error) from error
        if not is_current and not self._chart.left:
            self._chart.begin()
        if self._chart.left:
            await self._async_chart_now()
        elif self._chart.is_old(time()):
            self._chart.begin()
        await self._store.async_save()

    async def _async_last_recorded(self) -> dict[str, float]:
        unique_id = self.config_entry.unique_id
        keys = {key: f"{unique_id}_{key}" for key in self._meters.keys}
        return await async_last_recorded(self.hass, keys)

    async def _async_chart_now(self) -> None:
        """Look at everything at once, as long as it answers; the polls go on with the rest."""
        begun = monotonic()
        while (
            self._chart.left
            and self._chart.failures < CHART_FAILURES
            and monotonic() - begun < CHART_TIME
        ):
            await self._async_chart_next()

    async def _async_chart_next(self) -> None:
        before = self._chart.points.keys()
        try:
            changed = await self._chart.step(monotonic(), time())
        except LalaError as error:
            LOGGER.debug("%s: its values are not all known yet: %s", self.name, error)
            return
        if changed:
            self.async_note(dict.fromkeys(before - self._chart.points.keys()))
            self._offer()
        if changed or not self._chart.left:
            self._store.changed(urgent=True)

    @callback
    def _look_at(self, words: Mapping[str, str]) -> None:
        """Take what is installed; begin to look at everything where that changed."""
        device_id = hardware.device_id_of(words)
        if device_id is not None and self.config_entry.unique_id != f"senec_{device_id}":
            raise LalaError(LalaFault.WRONG_DEVICE)
        sections = self._chart.note(words)
        self.async_update_device()
        if sections and self._chart.points:
            LOGGER.info("%s: what is installed has changed, or its firmware", self.name)
            self._chart.begin(sections, one_at_a_time=self._reader.is_divided)

    @callback
    def _offer(self) -> None:
        self._planned_keys = None
        described = self._described()
        self._shown_by_default = {
            description.key: description.entity_registry_enabled_default
            for descriptions in described.values()
            for description in descriptions
        }
        for platform, descriptions in described.items():
            self.async_offer(platform, descriptions)

    def _described(self) -> Descriptions:
        return describe(self._chart.points.values(), self._meters, self._writes, self._limits)

    @callback
    def _stored(self) -> dict[str, Any]:
        hold = self._hold.hold
        return {
            "energy": self._meters.stored(),
            "hold": None if hold is None else hold.stored(),
            **self._chart.stored(),
        }

    # --- polling ------------------------------------------------------------------

    @override
    async def async_poll(self) -> Mapping[str, Value]:
        """Read what is due. A short trouble keeps the last values, a longer one is told."""
        try:
            if self._failures or not self.link.is_known:
                # The device itself is looked for, whatever else answers at its address; after a
                # longer silence it may have come back with another firmware.
                self._look_at(await self.link.connect(about=self._failures >= PROBE_AFTER))
            values = await self._async_read()
        except LalaError as error:
            return await self._async_fail(error)
        if self._failures:
            self._failures = 0
            self._backoff.succeeded()
            self._backoff.limit = LONGEST_PAUSE
        self._read_at = monotonic()
        self._fresh = values
        try:
            await self._hold.async_tick()
        finally:
            self._fresh = {}
        values[HOLD] = self._hold.is_on
        return values

    async def _async_fail(self, error: LalaError) -> Mapping[str, Value]:
        self._failures += 1
        LOGGER.debug("%s: %s (%d in a row)", self.name, error, self._failures)
        patient = (
            error.fault not in _NOT_PATIENT
            and self._records > 0
            and self.last_update_success
            and self._failures <= TOLERATED_FAILURES
            and monotonic() - self._read_at + self._scan_interval <= OLDEST_VALUE
        )
        if patient:
            return {}
        self._reader.all_heard(monotonic())
        raise await self._async_failed(error) from error

    async def _async_failed(self, error: LalaError) -> UpdateFailed:
        """Return the failure of a poll; who else may be at the address is looked at before."""
        is_telling = (
            error.fault in _NOT_PATIENT or self._failures >= PROBE_AFTER or not self._records
        )
        if is_telling and await self.link.ask_about(error):
            self._backoff.limit = 60.0  # the pinned device is to be found as soon as it is back
        return UpdateFailed(
            translation_domain=DOMAIN,
            translation_key=f"senec_{error.fault.value}",
            translation_placeholders={"name": self.name, "detail": str(error.status or "")},
            # Before the first success Home Assistant has a rhythm of its own to try again.
            retry_after=self._backoff.failed() if self._records else None,
        )

    async def _async_read(self) -> dict[str, Value]:
        self._make_plan()
        now = monotonic()
        readings = await self._reader.read_live(now)
        values: dict[str, Value] = {**readings, **self._count(readings)}
        values["response_duration"] = self.client.traffic.duration_ms
        values.update(await self._async_read_slow())
        values.update(dict.fromkeys(self._reader.gone_silent(now)))
        self._hints.look_at_house(readings.get("house_power"), now)
        self._log(values)
        self._store.changed()
        return values

    async def _async_read_slow(self) -> dict[str, Value]:
        """Send the one request, at most, that is due beside the live one."""
        if self._chart.is_due(monotonic()):
            # One beside the live request; a few while there is none yet.
            for _ in range(1 if self._reader.plan.live else 4):
                if self._chart.is_due(monotonic()):
                    await self._async_chart_next()
            return {}
        try:
            readings = await self._reader.read_slow(monotonic())
        except LalaError as error:
            # The live values are here, and that is what counts.
            LOGGER.debug("%s: slow values are late: %s", self.name, error)
            return {}
        return self._take_inner(readings)

    def _take_inner(self, readings: dict[str, Value]) -> dict[str, Value]:
        """Use the inner points of an answer, and return the others with what they count."""
        if not readings:
            return {}
        self._look_at(hardware.taken_out(readings))
        modules = drift.taken_out(readings, self._modules)
        values: dict[str, Value] = {**readings, **self._count(readings)}
        if modules is not None:
            values[hints.DRIFT] = self._hints.look_at_modules(modules)
        self._follow_limits(readings)
        return values

    def _follow_limits(self, readings: Mapping[str, Value]) -> None:
        told = {
            point.index: float(limit)
            for point in limit_points()
            if point.index is not None and isinstance(limit := readings.get(point.key), int | float)
        }
        if told and told != {index: self._limits.get(index) for index in told}:
            self._limits.update(told)
            for description in self._described().get(Platform.NUMBER, ()):
                self.async_describe(Platform.NUMBER, description)

    @property
    def _modules(self) -> int:
        return modules_of(self._chart.points.values())

    @callback
    def _make_plan(self) -> None:
        points = self._chart.points
        shown = self.watched_keys or expected_keys(
            self.hass, self.config_entry, self._shown_by_default
        )
        keys = wanted_keys(shown, points, self._meters)
        if keys == self._planned_keys:
            return
        self._planned_keys = keys
        wanted = [points[key] for key in sorted(keys)]
        self._reader.want([*wanted, *inner_points(keys, self._modules)], monotonic())

    @callback
    def _count(self, readings: Mapping[str, Value]) -> dict[str, Value]:
        return self._meters.feed(readings, self._chart.points, monotonic())

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

    async def _async_hold(self, on: bool) -> None:
        """Hold the battery, or let it go, and show at once what became of it."""
        try:
            await self._hold.async_set(on)
        finally:
            self.async_note({HOLD: self._hold.is_on})

    # --- the device ---------------------------------------------------------------

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        version = hardware.version_of(self._chart.hardware)
        return about.device_info(self.config_entry, self.link, version)

    @override
    def is_private(self, key: str) -> bool:
        """Keep serial numbers and addresses to ourselves."""
        return about.is_private(key)

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add how the device is spoken to, and what it refuses."""
        return {
            **super().diagnostics(),
            **about.about(self.link, self.client, self._reader),
            "failures_in_a_row": self._failures,
            "points": len(self._chart.points),
            "not_yet_looked_at": self._chart.left,
        }

    @override
    async def async_shutdown(self) -> None:
        """Keep what was counted, and close what was opened."""
        if self.config_entry.disabled_by is not None:
            await self._hold.async_set(on=False)  # nobody else would end it
        await super().async_shutdown()
        self._writer.stop()
        await self._store.async_close()
        await self.link.close()
