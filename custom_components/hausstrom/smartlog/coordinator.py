"""A SmartLog's reports, from the broker or the webhook to the entities."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceEntry, DeviceInfo
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from ..common.value import Value
from ..coordinator import HausstromConfigEntry
from ..push_coordinator import PushCoordinator
from .arrivals import Arrivals
from .board import rows_of
from .choices import async_take_choices
from .const import (
    CONF_AUTO_CREATE,
    CONF_GATEWAY_ID,
    CONF_STALE_AFTER,
    CONF_TRANSPORT,
)
from .descriptions import (
    GATEWAY_BINARY_SENSORS,
    GATEWAY_SENSORS,
)
from .devices import Devices
from .entities import MeterEntities
from .handover import FIRST_REPORTS
from .history import History
from .issues import (
    async_clear_issues,
    async_note_clock,
    async_tell_followed,
)
from .memory import GatewayMemory
from .pieces import Pieces
from .protocol.about import about_meters, readings_by_number
from .protocol.gateway import Changes, Gateway, order_of_listings
from .protocol.meter import Meter
from .protocol.model import GatewayReport
from .protocol.rhythm import ReadingRhythm
from .transports import make_transport
from .webhook import NotReadyError

TICK: Final = timedelta(minutes=1)
CHANGES_IN_A_PIECE: Final = 100


class SmartLogCoordinator(PushCoordinator):
    """Keep the meters of one gateway.

    The gateway is never unavailable as a whole: each meter has its own rhythm, and totals
    stay true while it is silent. So the watchdog of the base is not used.
    """

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read the reports of the entry's gateway."""
        self._arrivals = Arrivals(hass, entry)
        transport = make_transport(hass, entry, self.async_take, self._arrivals.count, self._lost)
        # Reports are rare, and what changed in one is new: every number as it comes.
        super().__init__(hass, entry, transport, silence=0, write_interval=0)
        options = entry.options
        self._learn: bool = options.get(CONF_AUTO_CREATE, True)
        hours: float | None = options.get(CONF_STALE_AFTER)
        self._stale_after = None if hours is None else int(hours * 3600)
        self._gateway_id: str = entry.data[CONF_GATEWAY_ID]
        self._gateway = Gateway()
        self._memory = GatewayMemory(hass, entry.entry_id, entry.title)
        self.history = History(hass, self._gateway_id)
        self._rhythm = ReadingRhythm()
        self._devices = Devices(hass, entry)
        self._turn = asyncio.Lock()
        self._reload_asked = False
        self._entities = MeterEntities(self.async_offer)

    @property
    @override
    def available(self) -> bool:
        """Whether values may be shown; each meter says for itself when it is stale."""
        return True

    # --- beginning ----------------------------------------------------------------

    @override
    async def _async_setup(self) -> None:
        await self._async_restore()
        async_clear_issues(self.hass, self.config_entry)
        await super()._async_setup()
        self.config_entry.async_on_unload(
            async_track_time_interval(
                self.hass,
                self._async_tick,
                TICK,
                name="hausstrom smartlog",
                cancel_on_shutdown=True,
            )
        )
        first = self.hass.data.get(FIRST_REPORTS, {}).pop(str(self.config_entry.unique_id), None)
        if first is not None:
            await self.async_take(first.body, topic=first.topic)

    async def _async_restore(self) -> None:
        """Take up the meters known before the restart, with their totals."""
        self._gateway, beside = await self._memory.async_load()
        level = beside.get("own_level")
        self._arrivals.senders.own_level = level if isinstance(level, int) else None
        if async_take_choices(self.hass, self.config_entry, self._gateway, self._devices):
            await self._memory.async_write_all()
        self._entities.count(self._gateway)
        self.async_offer(Platform.SENSOR, GATEWAY_SENSORS)
        self.async_offer(Platform.BINARY_SENSOR, GATEWAY_BINARY_SENSORS)
        now = int(dt_util.utcnow().timestamp())
        pieces = Pieces()
        for meter in self._gateway.wanted:
            self._check_stale(meter, now)
            self._entities.offer(meter, meter.points.values())
            for point in meter.points.values():
                if point.main and self._entities.shows(meter, point):
                    # The version before showed no register of a group that nothing tells apart.
                    self._devices.set_enabled(meter, point, enabled=True)
            await pieces.async_between()
        self.async_note({**self._gateway.readings(), "meters_seen": self._meters_seen})

    @property
    def _kept_beside(self) -> dict[str, Any]:
        """What is kept beside the meters."""
        return {"own_level": self._arrivals.senders.own_level}

    @property
    def meters(self) -> list[Meter]:
        """The meters of the gateway that the user wants, the gateway itself apart."""
        return [meter for meter in self._gateway.wanted if not meter.is_system]

    @property
    def gateway_id(self) -> str:
        """The SmartLog ID."""
        return self._gateway_id

    def place_of(self, meter: Meter) -> str | None:
        """Return the area of a meter's device."""
        return self._devices.place(meter)

    @callback
    @override
    def async_register_device(self) -> None:
        """Register the gateway, and the meters that have no entity to do it."""
        super().async_register_device()
        for meter in self._gateway.wanted:
            if not meter.points:
                self._register_meter(meter)

    # --- reports ------------------------------------------------------------------

    async def async_take(
        self,
        body: bytes,
        *,
        topic: str | None = None,
        retained: bool = False,
        came: datetime | None = None,
    ) -> None:
        """Take the body of a report; raises ReportError, counted, when it is none of ours.

        A retained message may be old: it brings values, but is no sign of life. `came` is when
        a report came that was kept since. Raises NotReadyError when the entry is being unloaded.
        """
        received = came or dt_util.utcnow()
        async with self._turn:
            if self._shutdown_requested:
                raise NotReadyError
            ours = await self._arrivals.async_read(body, received, topic)
            changed = False
            for gateway_report in ours:
                changed |= await self._async_take_gateway(
                    gateway_report, int(received.timestamp()), retained
                )
            if ours and not retained:
                self._arrivals.count("reports")
                if self._arrivals.senders.is_news(ours) or changed:
                    self._note_message(received)
        await self.history.async_write_due()

    async def _async_take_gateway(
        self, report: GatewayReport, received: int, retained: bool
    ) -> bool:
        """Take the readings meter by meter, giving way to others in between.

        What is new is written to disk before it is offered: after a power cut no two
        registers change places. Returns whether anything was heard that is new.
        """
        version = self._gateway.version
        changes = Changes()
        offers: list[Changes] = []
        heard = False
        pieces = Pieces()
        report.meters = order_of_listings(report.meters)
        if self._learn:
            known = {meter.id for meter in self._gateway.meters.values()}
            report.meters = self._arrivals.newcomers.allowed(report.meters, known)
        for step in self._gateway.take_stepwise(report, received, learn=self._learn, late=retained):
            changes.add(step)
            if len(changes.readings) < CHANGES_IN_A_PIECE and not pieces.is_over:
                continue
            heard |= self._apply(changes, received)
            offers.append(changes)
            changes = Changes()
            await pieces.async_rest()
        heard |= self._apply(changes, received)
        offers.append(changes)
        if any(one.points or one.meters for one in offers):
            await self._memory.async_write_all()
            await self._async_offer(offers, received)
        if not retained:
            async_note_clock(self.hass, self.config_entry, self._gateway.clock.offset)
        if self._gateway.version != version:
            self.async_update_device()
        return heard

    @callback
    def _apply(self, changes: Changes, received: int) -> bool:
        """Show what a piece of a report changed; return whether anything was heard."""
        for meter in changes.renamed:
            if meter not in changes.meters:
                self._register_meter(meter)
        for meter in changes.heard:
            self._check_stale(meter, received)
        if changes.readings:
            # A due date that moved on is told even if its value is the one before.
            for key in changes.readings:
                if self.data.get(key) == changes.readings[key] and not key.endswith("_problem"):
                    self.data.pop(key, None)
            self.async_note(changes.readings)
            self._ask_for_reload(changes)
        for meter, readings in changes.history:
            self.history.add(meter, readings)
        for meter, followed in changes.followed:
            async_tell_followed(self.hass, self.config_entry, meter, followed)
        for one in changes.demoted:
            self._devices.set_enabled(*one, enabled=False)
        for meter, point in changes.promoted:
            if self._entities.shows(meter, point):
                self._devices.set_enabled(meter, point, enabled=True)
        if changes.stored or changes.renamed:
            self._memory.async_note(
                changes.stored | {meter.uid for meter in changes.renamed}, self._kept_beside
            )
        for name in ("backlog", "skipped", "unreadable", "held", "unknown_meters"):
            self._arrivals.counts[name] += getattr(changes, name)
        return bool(changes.heard or changes.readings)

    async def _async_offer(self, offers: list[Changes], received: int) -> None:
        """Make entities of what is new, in pieces."""
        self._entities.count(self._gateway)
        pieces = Pieces()
        for changes in offers:
            for meter in changes.meters:
                if not meter.points:
                    self._register_meter(meter)
            for meter, points in changes.by_meter().items():
                self._check_stale(meter, received)
                self._entities.offer(meter, points)
                await pieces.async_between()

    @callback
    def _ask_for_reload(self, changes: Changes) -> None:
        """Set the entry up anew when a value turns out to be of another class.

        A register may run backwards, or be of the past although no sibling said so at first.
        """
        if changes.reclassified and not self._reload_asked:
            self._reload_asked = True
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)

    @callback
    def _note_message(self, received: datetime) -> None:
        seconds = int(received.timestamp())
        self._rhythm.heard(seconds, seconds, None)
        self.last_update_success = True
        self.async_note(
            {"last_message": received, "reporting": True, "meters_seen": self._meters_seen}
        )

    @property
    def _meters_seen(self) -> int:
        return sum(1 for meter in self._gateway.wanted if meter.rhythm.last)

    @callback
    def _lost(self, translation_key: str, /, **placeholders: str) -> None:
        self.async_set_silent(translation_key, **placeholders)
        if self._rhythm.last:
            self.async_note({"reporting": False})

    # --- silence ------------------------------------------------------------------

    async def _async_tick(self, _now: datetime) -> None:
        """Look which meters have been silent for too long."""
        now = int(dt_util.utcnow().timestamp())
        pieces = Pieces()
        for meter in self._gateway.wanted:
            self._check_stale(meter, now)
            await pieces.async_between()
        await self.history.async_write_due()
        if self._rhythm.last:
            self.async_note({"reporting": self.transport.connected and not self._rhythm.stale(now)})

    @callback
    def _check_stale(self, meter: Meter, now: int) -> None:
        """Say of each value that fades whether it is current: one may be missing for itself."""
        for point, stale in meter.stale_points(now, self._stale_after):
            self.async_set_present(f"{meter.uid}_{point.key}", not stale)

    # --- entities and devices -----------------------------------------------------

    @callback
    def _register_meter(self, meter: Meter) -> None:
        """Put a meter into the registry, or write there what came late."""
        if self.main_device_id is not None:
            self._devices.register(meter, self.main_device_id)

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        if device is None:
            return self._devices.gateway(self._gateway_id, self._gateway.version)
        return self._devices.info(self._gateway.meters[device], self.main_device_id)

    def board_meters(self) -> list[JsonObjectType]:
        """Return the meters as the dashboard shows them: see `rows_of`."""
        return rows_of(self.hass, self.config_entry, self.meters, self._devices.identifier)

    @override
    def may_remove(self, device: DeviceEntry) -> bool:
        """Let the user remove any meter; it stays away until the options bring it back."""
        if (uid := self._devices.uid_of(device)) is None:
            return False
        self._gateway.remove(uid)
        self._forget_readings(uid)
        self.hass.async_create_task(self._memory.async_write_all())
        return True

    @callback
    def _forget_readings(self, uid: str) -> None:
        kept = self._gateway.readings().keys() | {
            description.key for description in (*GATEWAY_SENSORS, *GATEWAY_BINARY_SENSORS)
        }
        for key in [key for key in self.data if key.startswith(f"{uid}_") and key not in kept]:
            del self.data[key]

    @property
    def removed_meters(self) -> list[str]:
        """The meters that the user has removed."""
        return sorted(self._gateway.removed)

    # --- ending -------------------------------------------------------------------

    @override
    async def async_shutdown(self) -> None:
        """Keep what is known, with the report that is being taken."""
        await super().async_shutdown()
        async with self._turn:
            if self.hass.is_running:
                # At a stop the recorder may be gone already; the reading is kept with the
                # register, and written before the one that follows it.
                await self.history.async_write(all_of_it=True)
            await self._memory.async_close()

    # --- diagnostics --------------------------------------------------------------

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add counts, shapes and the kinds of meters; no ids, no labels."""
        return {
            **super().diagnostics(),
            "transport": self.config_entry.data[CONF_TRANSPORT],
            "version": self._gateway.version,
            **self._arrivals.diagnostics(),
            "clock_offset": self._gateway.clock.offset,
            "statistics": dict(self.history.counts),
            "unknown_units": sorted(self._entities.unknown_units),
            "removed_meters": len(self._gateway.removed),
            "meters": about_meters(self._gateway.wanted, self._stale_after),
        }

    @override
    def readings_for_diagnostics(self) -> Mapping[str, Value]:
        """Return the readings with meters by number, and without what identifies them."""
        own = {key: self.data.get(key) for key in ("last_message", "reporting", "meters_seen")}
        return {**own, **readings_by_number(self._gateway.wanted)}
