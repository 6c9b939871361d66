"""What a click writes to a system in the cloud; every write is looked for afterwards."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ...const import DOMAIN
from ..exceptions import translated
from ..protocol.errors import SenecServiceError
from .gathering import Gathering
from .protocol import readings
from .protocol.doors import Door
from .protocol.peak_shaving import Change, Mode, PeakShaving
from .protocol.wallbox import ChargingMode, Wallbox, WallboxSetting

if TYPE_CHECKING:
    from .coordinator import SenecCloudCoordinator

# Three or four changes of the charging mode in a row hang a V3 (ha-senec-v3#220).
MOST_MODE_CHANGES: Final = 2
MODE_CHANGES_WITHIN: Final = timedelta(minutes=5)


class ModeChanges:
    """Counts the changes of one wallbox's charging mode, and says when there are too many."""

    def __init__(self) -> None:
        """Start without a change."""
        self._made: deque[datetime] = deque(maxlen=MOST_MODE_CHANGES)

    def check(self, now: datetime) -> None:
        """Raise HomeAssistantError, translated, if another change now would be one too many."""
        if len(self._made) < MOST_MODE_CHANGES:
            return
        wait = (self._made[0] + MODE_CHANGES_WITHIN - now).total_seconds()
        if 0 < wait <= MODE_CHANGES_WITHIN.total_seconds():
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="senec_mode_changes",
                translation_placeholders={
                    "count": str(MOST_MODE_CHANGES),
                    "minutes": f"{MODE_CHANGES_WITHIN.total_seconds() / 60:.0f}",
                    "seconds": str(ceil(wait)),
                },
            )

    def add(self, now: datetime) -> None:
        """Count one change."""
        self._made.append(now)


class Writing:
    """Writes one thing after the other, and shows what SENEC has afterwards."""

    def __init__(self, hass: HomeAssistant, coordinator: SenecCloudCoordinator) -> None:
        """Take the coordinator whose readings follow the writes."""
        self._coordinator = coordinator
        self._turn = asyncio.Lock()
        self._mode_changes: dict[str, ModeChanges] = {}
        self._peak_shaving = Gathering(hass, Change.then, self._change_peak_shaving)

    # --- what the rows of controls write ------------------------------------------------

    async def set_mode(self, mode: str) -> None:
        """Set the mode of peak shaving, by its name."""
        await self.change_peak_shaving(Change(mode=Mode(mode)))

    async def set_capacity_limit(self, percent: float) -> None:
        """Set up to which level peak shaving lets the battery be charged."""
        await self.change_peak_shaving(Change(capacity_limit=round(percent)))

    async def set_end_time(self, end: time) -> None:
        """Set when peak shaving ends its day."""
        await self.change_peak_shaving(Change(end_time=end))

    async def set_reserve(self, percent: float) -> None:
        """Set what is kept for backup power."""
        await self._in_turn(Door.SITE, partial(self._set_reserve, round(percent)))

    async def set_sg_ready(self, setting: str, value: bool | float) -> None:
        """Set a setting of SG Ready, by the site's name."""
        sent = value if isinstance(value, bool) else round(value)
        await self._in_turn(Door.SITE, partial(self._set_sg_ready, setting, sent))

    async def set_socket_mode(self, number: int, mode: str) -> None:
        """Set the mode of a socket, counted from 0."""
        await self._in_turn(Door.SITE, partial(self._set_socket_mode, number, mode.upper()))

    async def lock_wallbox(self, index: int, locked: bool) -> None:
        """Lock a wallbox, counted from 0, or free it."""
        await self._in_turn(Door.APP, partial(self._lock_wallbox, index, locked))

    async def set_charging_mode(self, index: int, mode: str) -> None:
        """Set the charging mode of a wallbox, counted from 0, by its name."""
        await self._in_turn(Door.APP, partial(self._set_charging_mode, index, ChargingMode(mode)))

    async def set_wallbox(self, setting: WallboxSetting, index: int, value: bool | float) -> None:
        """Set a setting of a wallbox, counted from 0."""
        sent = value if isinstance(value, bool) else _plain(value)
        await self._in_turn(Door.APP, partial(self._set_wallbox, setting, index, sent))

    # --- how it is written --------------------------------------------------------------

    async def change_peak_shaving(self, change: Change) -> None:
        """Change peak shaving; changes within a second become one write of all three settings."""
        await self._told(Door.SITE, self._peak_shaving.add(change))

    async def change_peak_shaving_at_once(self, change: Change) -> None:
        """Change peak shaving without waiting for other changes."""
        await self._told(Door.SITE, self._change_peak_shaving(change))

    @callback
    def stop(self) -> None:
        """Give up what has not been written."""
        self._peak_shaving.stop()

    async def _told(self, door: Door, write: Awaitable[None]) -> None:
        try:
            await write
        except SenecServiceError as error:
            self._coordinator.async_tell_of_refusal(door, error)
            raise translated(error) from error

    async def _in_turn(self, door: Door, write: Callable[[], Awaitable[None]]) -> None:
        """Write one thing after the other: each write sends its neighbours' settings back, too."""

        async def write_in_turn() -> None:
            async with self._turn:
                await write()

        await self._told(door, write_in_turn())

    async def _change_peak_shaving(self, change: Change) -> None:
        portal = self._coordinator.account.portal
        async with self._turn:
            plant = await self._coordinator.async_find_plant()
            settings: PeakShaving | None = None
            try:
                settings = await portal.change_peak_shaving(plant, change)
            finally:
                if settings is None:
                    # Whatever happened: show what the server has, not what was wanted.
                    with suppress(SenecServiceError):
                        settings = await portal.peak_shaving(plant)
                if settings is not None:
                    self._coordinator.async_take_peak_shaving(settings)

    async def _set_reserve(self, percent: int) -> None:
        portal, plant = self._coordinator.account.portal, await self._coordinator.async_find_plant()
        found: int | None = None
        try:
            found = await portal.set_emergency_reserve(plant, percent)
        finally:
            if found is None:
                with suppress(SenecServiceError):
                    found = await portal.emergency_reserve(plant)
            if found is not None:
                self._coordinator.async_note({"emergency_reserve": found})

    async def _set_sg_ready(self, setting: str, value: bool | int) -> None:
        plant = await self._coordinator.async_find_plant()
        sg_ready = await self._coordinator.account.portal.set_sg_ready(plant, setting, value)
        self._coordinator.async_note(readings.from_sg_ready(sg_ready))

    async def _set_socket_mode(self, number: int, mode: str) -> None:
        plant = await self._coordinator.async_find_plant()
        sockets = await self._coordinator.account.portal.set_socket_mode(plant, number, mode)
        self._coordinator.async_note(readings.from_sockets(sockets))

    async def _write_wallbox(self, write: Awaitable[tuple[Wallbox, ...]]) -> None:
        """Write to a wallbox and show what the wallboxes are then, whatever became of it."""
        coordinator = self._coordinator
        boxes: tuple[Wallbox, ...] | None = None
        try:
            boxes = await write
        finally:
            if boxes is None:
                with suppress(SenecServiceError):
                    boxes = await coordinator.account.app.wallboxes(coordinator.system_id)
            if boxes is not None:
                coordinator.async_take_wallboxes(boxes)

    async def _lock_wallbox(self, index: int, locked: bool) -> None:
        wallbox_id = self._coordinator.wallbox_id(index)
        app, system_id = self._coordinator.account.app, self._coordinator.system_id
        await self._write_wallbox(app.lock_wallbox(system_id, wallbox_id, locked=locked))

    async def _set_charging_mode(self, index: int, mode: ChargingMode) -> None:
        wallbox_id, now = self._coordinator.wallbox_id(index), dt_util.utcnow()
        app, system_id = self._coordinator.account.app, self._coordinator.system_id
        boxes = await app.wallboxes(system_id)
        if any(box.id == wallbox_id and box.charging_mode is mode for box in boxes):
            self._coordinator.async_take_wallboxes(boxes)
            return
        changes = self._mode_changes.setdefault(wallbox_id, ModeChanges())
        changes.check(now)
        changes.add(now)
        await self._write_wallbox(app.set_charging_mode(system_id, wallbox_id, mode))

    async def _set_wallbox(self, setting: WallboxSetting, index: int, value: bool | float) -> None:
        wallbox_id = self._coordinator.wallbox_id(index)
        app, system_id = self._coordinator.account.app, self._coordinator.system_id
        await self._write_wallbox(app.set_wallbox_setting(system_id, wallbox_id, setting, value))


def _plain(number: float) -> float:
    """Return a whole number as one: 8 and not 8.0, as the app writes it."""
    return int(number) if number.is_integer() else number
