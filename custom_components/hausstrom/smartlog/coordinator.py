"""A SmartLog's reports, from the broker or the webhook to the entities."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntry, DeviceInfo
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..common.value import Value
from ..const import DOMAIN, LOGGER
from ..coordinator import HausstromConfigEntry
from ..push_coordinator import PushCoordinator
from .const import (
    CONF_AUTO_CREATE,
    CONF_GATEWAY_ID,
    CONF_RESTORE_METERS,
    CONF_STALE_AFTER,
    CONF_TRANSPORT,
)
from .descriptions import (
    GATEWAY_BINARY_SENSORS,
    GATEWAY_SENSORS,
    last_reading_of,
    problems_of,
    sensors_of,
)
from .handover import FIRST_REPORTS
from .issues import async_clear_foreign, async_report_foreign
from .protocol.about import about_meters, readings_by_number
from .protocol.gateway import Changes, Gateway, load_gateway
from .protocol.mbus import manufacturer_name
from .protocol.meter import Meter
from .protocol.model import GatewayReport, Report, ReportError
from .protocol.point import KnownPoint
from .protocol.report import SignatureTable, parse_report
from .protocol.rhythm import Rhythm
from .protocol.topics import complete_from_topic
from .protocol.units import is_known

STORE_VERSION: Final = 1
SAVE_DELAY: Final = 300.0
TICK: Final = timedelta(minutes=1)
# A body of this size is decoded in about 2 ms; longer ones are decoded beside the event loop.
LONGEST_INLINE: Final = 32_768
# Seconds of work after which the event loop gets its turn.
PIECE: Final = 0.008
CHANGES_IN_A_PIECE: Final = 100
MOST_FOREIGN: Final = 100


def store_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where the meters of an entry are kept."""
    return Store(hass, STORE_VERSION, f"{DOMAIN}.smartlog.{entry_id}")


class SmartLogCoordinator(PushCoordinator):
    """Keep the meters of one gateway.

    The gateway is never unavailable as a whole: each meter has its own rhythm, and totals
    stay true while it is silent. So the watchdog of the base is not used.
    """

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read the reports of the entry's gateway."""
        # Reports are rare, and what changed in one is new: every number as it comes.
        super().__init__(hass, entry, silence=0, write_interval=0)
        options = entry.options
        self._learn: bool = options.get(CONF_AUTO_CREATE, True)
        hours: float | None = options.get(CONF_STALE_AFTER)
        self._stale_after = None if hours is None else int(hours * 3600)
        self._gateway_id: str = entry.data[CONF_GATEWAY_ID]
        self._gateway = Gateway()
        self._store = store_of(hass, entry.entry_id)
        self._signatures = SignatureTable()
        self._rhythm = Rhythm()
        self._restored = False
        self._save_waits = False
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._reload_asked = False
        self._counts: Counter[str] = Counter()
        self._shapes: Counter[str] = Counter()
        self._foreign: set[str] = set()
        self._unknown_units: set[str] = set()

    @property
    @override
    def available(self) -> bool:
        """Whether values may be shown; each meter says for itself when it is stale."""
        return True

    # --- beginning ----------------------------------------------------------------

    @override
    async def _async_setup(self) -> None:
        await self._async_restore()
        async_clear_foreign(self.hass, self.config_entry)
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
        stored = await self._store.async_load()
        self._restored = True
        if isinstance(stored, dict):
            self._gateway, lost = load_gateway(stored.get("gateway"))
            if lost:
                LOGGER.warning("%s: %d stored meters could not be read", self.name, lost)
        wanted_again = self.config_entry.options.get(CONF_RESTORE_METERS)
        if wanted_again:
            self._gateway.bring_back(wanted_again)
            options = {**self.config_entry.options}
            del options[CONF_RESTORE_METERS]
            self.hass.config_entries.async_update_entry(self.config_entry, options=options)
        self.async_offer(Platform.SENSOR, GATEWAY_SENSORS)
        self.async_offer(Platform.BINARY_SENSOR, GATEWAY_BINARY_SENSORS)
        now = int(dt_util.utcnow().timestamp())
        for meter in self._gateway.wanted:
            self._offer(meter, meter.points.values())
            self._check_stale(meter, now)
        self.async_note({**self._gateway.readings(), "meters_seen": self._meters_seen})

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
        self, body: bytes, *, topic: str | None = None, retained: bool = False
    ) -> None:
        """Take the body of a report; raises ReportError, counted, when it is none.

        A retained message may be old: it brings values, but is no sign of life.
        """
        received = dt_util.utcnow()
        async with self._turn:
            try:
                report = await self._async_parse(body, int(received.timestamp()))
            except ReportError as error:
                self._count_refusal(error)
                raise
            if topic is not None:
                complete_from_topic(report, topic, self._gateway_id, self._other_gateways)
            self._shapes[report.shape.value] += 1
            self._counts["bad_meters"] += report.bad_meters
            self._counts["bad_points"] += report.bad_points
            ours = [one for one in report.gateways if self._is_ours(one)]
            for gateway_report in ours:
                await self._async_take_gateway(gateway_report, int(received.timestamp()), retained)
            if ours and not retained:
                self._note_message(received)

    @property
    def _other_gateways(self) -> set[str]:
        """The gateways of the other entries, which may be on the same broker."""
        entries = self.hass.config_entries.async_entries(DOMAIN)
        return {entry.data.get(CONF_GATEWAY_ID, "") for entry in entries} - {"", self._gateway_id}

    async def _async_parse(self, body: bytes, received: int) -> Report:
        if len(body) <= LONGEST_INLINE:
            return parse_report(body, received, self._signatures)
        return await self.hass.async_add_executor_job(
            parse_report, body, received, self._signatures
        )

    @callback
    def _is_ours(self, report: GatewayReport) -> bool:
        """Return whether a report is of the entry's gateway; tell the user if it is not."""
        if report.id in {"", self._gateway_id}:
            return True
        self._counts["foreign_reports"] += 1
        if report.id not in self._foreign and len(self._foreign) < MOST_FOREIGN:
            self._foreign.add(report.id)
            others = self.hass.config_entries.async_entries(DOMAIN)
            if all(entry.unique_id != f"smartlog_{report.id}" for entry in others):
                async_report_foreign(self.hass, self.config_entry, report.id)
        return False

    async def _async_take_gateway(
        self, report: GatewayReport, received: int, retained: bool
    ) -> None:
        """Take the readings meter by meter, giving way to others in between."""
        if retained:
            report.time = received
        version = self._gateway.version
        changes = Changes()
        began = monotonic()
        for step in self._gateway.take_stepwise(report, received, learn=self._learn):
            changes.add(step)
            if (
                not changes.points
                and len(changes.readings) < CHANGES_IN_A_PIECE
                and monotonic() - began < PIECE
            ):
                continue
            self._apply(changes, received)
            changes = Changes()
            await asyncio.sleep(0)
            began = monotonic()
        self._apply(changes, received)
        if self._gateway.version != version:
            self.async_update_device()

    @callback
    def _apply(self, changes: Changes, received: int) -> None:
        """Show what a piece of a report changed."""
        for meter in changes.meters:
            if not meter.points and self.main_device_id is not None:
                self._register_meter(meter)
        for meter, points in _by_meter(changes).items():
            self._offer(meter, points)
        for meter in changes.renamed:
            if self.main_device_id is not None:
                self._register_meter(meter)
        for meter in changes.heard:
            self._check_stale(meter, received)
        if changes.readings:
            self.async_note(changes.readings)
            self._ask_for_reload(changes)
        if changes.readings or changes.points or changes.meters or changes.renamed:
            self._save()
        for name in ("backlog", "skipped", "unreadable", "unknown_meters"):
            self._counts[name] += getattr(changes, name)

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
        self._counts["reports"] += 1
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
    def _count_refusal(self, error: ReportError) -> None:
        self._counts[f"refused_{error.reason.value}"] += 1
        if self._counts[f"refused_{error.reason.value}"] == 1:
            LOGGER.warning(
                "%s: a report was refused (%s). More of these are only counted;"
                " see the diagnostics of the device",
                self.name,
                error.reason.value,
            )
        LOGGER.debug("%s: %s", self.name, error)

    # --- silence ------------------------------------------------------------------

    async def _async_tick(self, _now: datetime) -> None:
        """Look which meters have been silent for too long."""
        now = int(dt_util.utcnow().timestamp())
        began = monotonic()
        for meter in self._gateway.wanted:
            self._check_stale(meter, now)
            if monotonic() - began > PIECE:
                await asyncio.sleep(0)
                began = monotonic()
        if self._rhythm.last:
            self.async_note({"reporting": self._connected and not self._rhythm.stale(now)})

    @property
    def _connected(self) -> bool:
        """Whether reports can come at all."""
        return True

    @callback
    def _check_stale(self, meter: Meter, now: int) -> None:
        self.async_set_present(meter.uid, not meter.rhythm.stale(now, self._stale_after))

    # --- entities and devices -----------------------------------------------------

    @callback
    def _offer(self, meter: Meter, points: Iterable[KnownPoint]) -> None:
        known = list(points)
        if not known:
            return
        for point in known:
            if not is_known(point.signature.unit):
                self._unknown_units.add(point.signature.unit)
        self.async_offer(Platform.SENSOR, [*sensors_of(meter, known), last_reading_of(meter)])
        if problems := problems_of(meter, known):
            self.async_offer(Platform.BINARY_SENSOR, problems)

    @callback
    def _register_meter(self, meter: Meter) -> None:
        """Put a meter into the registry, or write there what came late."""
        if meter.is_system:
            return
        dr.async_get(self.hass).async_get_or_create(
            config_entry_id=self.config_entry.entry_id, **self.device_info(meter.uid)
        )

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        if device is None:
            return DeviceInfo(
                identifiers={(DOMAIN, str(self.config_entry.unique_id))},
                name=self.config_entry.title,
                manufacturer="Stark Elektronik",
                model="Smart Energy Log",
                serial_number=self._gateway_id,
                sw_version=self._gateway.version or None,
            )
        meter = self._gateway.meters[device]
        info = DeviceInfo(
            identifiers={(DOMAIN, self._identifier(device))},
            manufacturer=manufacturer_name(meter.manufacturer) or None,
            model=meter.medium or None,
            serial_number=meter.id,
        )
        if self.main_device_id is not None:
            info["via_device_id"] = self.main_device_id
        if meter.label:
            info["name"] = meter.label
        else:
            info["translation_key"] = f"meter_{meter.type.value}"
            info["translation_placeholders"] = {"meter_id": meter.id}
        return info

    @property
    def meter_types(self) -> dict[str, str]:
        """What each meter measures: identifier of its device → slug of its type."""
        return {self._identifier(uid): one.type.value for uid, one in self._gateway.meters.items()}

    def _identifier(self, uid: str) -> str:
        return f"{self.config_entry.unique_id}_{uid}"

    @override
    def may_remove(self, device: DeviceEntry) -> bool:
        """Let the user remove any meter; it stays away until the options bring it back."""
        for domain, identifier in device.identifiers:
            uid = identifier.removeprefix(self._identifier(""))
            if domain == DOMAIN and uid != identifier:
                self._gateway.remove(uid)
                self._forget_readings(uid)
                self._save()
                return True
        return False

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

    @callback
    def _save(self) -> None:
        """Have all stored soon: a store that is asked again waits anew each time."""
        if not self._save_waits and not self._shutdown_requested:
            self._save_waits = True
            self._store.async_delay_save(self._stored, SAVE_DELAY)

    @callback
    def _stored(self) -> dict[str, Any]:
        self._save_waits = False
        return {"gateway": self._gateway.dump()}

    @override
    async def async_shutdown(self) -> None:
        """Keep what is known, with the report that is being taken."""
        await super().async_shutdown()
        if self._restored:
            async with self._turn:
                await self._store.async_save(self._stored())

    # --- diagnostics --------------------------------------------------------------

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add counts, shapes and the kinds of meters; no ids, no labels."""
        return {
            **super().diagnostics(),
            "transport": self.config_entry.data[CONF_TRANSPORT],
            "version": self._gateway.version,
            "counts": dict(self._counts),
            "shapes": dict(self._shapes),
            "unknown_units": sorted(self._unknown_units),
            "foreign_gateways": len(self._foreign),
            "removed_meters": len(self._gateway.removed),
            "meters": about_meters(self._gateway.wanted, self._stale_after),
        }

    @override
    def readings_for_diagnostics(self) -> Mapping[str, Value]:
        """Return the readings with meters by number, and without what identifies them."""
        own = {key: self.data.get(key) for key in ("last_message", "reporting", "meters_seen")}
        return {**own, **readings_by_number(self._gateway.wanted)}


def _by_meter(changes: Changes) -> dict[Meter, list[KnownPoint]]:
    points: dict[Meter, list[KnownPoint]] = {}
    for meter, point in changes.points:
        points.setdefault(meter, []).append(point)
    return points
